using System.Globalization;
using System.Text;

namespace Pipeline.Alerts.Reading;

/// <summary>
/// Makes an alert fit a queue message: what only informs is cut first, labels last, and the identity stays that of the
/// whole labels.
/// The post log has the alert as it was sent.
/// </summary>
internal static class AlertCut
{
    private const int MaxAnnotations = 100;
    private const string Ellipsis = "…";
    private const string TooLarge = "The alert was too large for a message";
    private const string Whole = "The received post has it whole.";

    private static readonly int[] TextBytes = [16 * 1024, 4 * 1024, 1024, 256];

    /// <summary>The alert itself where it fits as it is.</summary>
    public static Alert ToFit(Alert alert)
    {
        if (Fits(alert))
        {
            return alert;
        }

        foreach (var bytes in TextBytes)
        {
            var cut = CutInformation(alert, bytes);
            if (Fits(cut))
            {
                return Said(cut, string.Create(
                    CultureInfo.InvariantCulture, $"{TooLarge}: texts longer than {bytes} bytes were cut. {Whole}"));
            }
        }

        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        var labelsOnly = alert with { Annotations = none, Extra = null, GeneratorUrl = null };
        if (Fits(labelsOnly))
        {
            return Said(labelsOnly, $"{TooLarge}: its annotations were left out. {Whole}");
        }

        return Said(
            labelsOnly with { Labels = CutValues(alert.Labels, AlertLimits.CutLabelBytes) },
            string.Create(
                CultureInfo.InvariantCulture,
                $"{TooLarge}: its annotations were left out, and label values longer than {AlertLimits.CutLabelBytes} bytes "
                    + $"were cut. Its identity is that of the whole labels. {Whole}"));
    }

    private static bool Fits(Alert alert) => AlertJson.Write(alert).Length <= AlertLimits.MaxAlertBytes;

    private static Alert CutInformation(Alert alert, int bytes) => alert with
    {
        Annotations = CutValues(
            alert.Annotations.Where(annotation => annotation.Key.Length <= bytes).Take(MaxAnnotations), bytes),

        // Part of an address or of a structure is none.
        GeneratorUrl = alert.GeneratorUrl?.Length > bytes ? null : alert.GeneratorUrl,
        Extra = alert.Extra?
            .Where(field => field.Key.Length <= bytes && field.Value.GetRawText().Length <= bytes)
            .Take(MaxAnnotations)
            .ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal),
    };

    private static Dictionary<string, string> CutValues(IEnumerable<KeyValuePair<string, string>> texts, int bytes) =>
        texts.ToDictionary(text => text.Key, text => CutText(text.Value, bytes), StringComparer.Ordinal);

    private static string CutText(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        var room = bytes - Encoding.UTF8.GetByteCount(Ellipsis);
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length] + Ellipsis;
    }

    private static Alert Said(Alert alert, string detail) =>
        alert with { Mendings = [.. alert.Mendings ?? [], new AlertMending(AlertMendingKind.Cut, detail)] };
}
