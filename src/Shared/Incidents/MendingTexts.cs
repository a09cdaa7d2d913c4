using System.Globalization;
using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>Says on the timeline what was mended about alerts, one sentence a kind.</summary>
internal static class MendingTexts
{
    private const int MaxName = 100;
    private const int MaxDetail = 300;
    private const int MaxSentences = 4;

    /// <summary>Null where nothing was mended.</summary>
    /// <param name="alerts">Those that began or ended something: their repeats are mended too, and said once.</param>
    public static string? Of(IEnumerable<Alert> alerts)
    {
        var sentences = alerts
            .SelectMany(alert => (alert.Mendings ?? [])
                .Select(mending => (alert.Name, alert.Fingerprint, Mending: mending)))
            .GroupBy(found => found.Mending.Kind)
            .Take(MaxSentences)
            .Select(group => Sentence(group.First(), group.Count() - 1))
            .ToList();
        return sentences.Count == 0 ? null : $"Mended on receipt. {string.Join(' ', sentences)}";
    }

    private static string Sentence((string Name, string Fingerprint, AlertMending Mending) first, int others)
    {
        var name = MarkdownText.OneLine(first.Name.Length == 0 ? first.Fingerprint : first.Name, MaxName);
        var more = others == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" and {others} more");
        return $"{name}{more}: {MarkdownText.OneLine(first.Mending.Detail, MaxDetail)}";
    }
}
