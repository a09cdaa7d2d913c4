using System.Globalization;
using System.Text;

namespace Pipeline.Alerts.Reading;

/// <summary>
/// Text with escapes or bytes that stand for no character: U+FFFD takes their place, as in Alertmanager.
/// </summary>
internal static class OddText
{
    private const char Replacement = '\uFFFD';
    private const int EscapeLength = 6;

    /// <summary>The UTF-8 of <paramref name="body"/> with each byte replaced that isn't part of a character.</summary>
    public static byte[] Repair(ReadOnlySpan<byte> body) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body));

    /// <summary>Resolves the escapes of a JSON string.</summary>
    /// <param name="text">What is between the quotes, well-formed but for lone surrogates.</param>
    public static string Unescape(ReadOnlySpan<byte> text)
    {
        var read = new StringBuilder(text.Length);
        while (text.IndexOf((byte)'\\') is var at and >= 0)
        {
            read.Append(Encoding.UTF8.GetString(text[..at]));
            text = text[at..];
            if (text[1] == 'u')
            {
                read.Append(Unit(text));
                text = text[EscapeLength..];
            }
            else
            {
                read.Append(Short(text[1]));
                text = text[2..];
            }
        }

        read.Append(Encoding.UTF8.GetString(text));
        return ReplaceLoneSurrogates(read);
    }

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static char Short(byte letter) => letter switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)letter,
    };

    private static string ReplaceLoneSurrogates(StringBuilder text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                text[i] = Replacement;
            }
        }

        return text.ToString();
    }
}
