using System.Globalization;
using System.Text;

namespace Pipeline.Runtime;

/// <summary>Text of unknown origin, made fit for one line of a terminal or a log.</summary>
public static class PrintableText
{
    /// <summary>
    /// Returns the text on one line: tabs and line breaks become spaces, and every other character that a terminal obeys or doesn't show
    /// (controls, marks that reorder text, marks without width, separators of lines) is written as its code, such as <c>\u202E</c>.
    /// </summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.EnumerateRunes().Any(IsHidden) ? EscapeHidden(text) : text;
    }

    /// <summary>True for a character that moves the cursor, turns text around, breaks a line or shows nothing.</summary>
    public static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2800 or 0x3164 or 0xFFA0
        || rune.Value is (>= 0xFE00 and <= 0xFE0E) or (>= 0xE0000 and <= 0xE0FFF);

    private static string EscapeHidden(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune switch
            {
                { Value: '\t' or '\n' or '\v' or '\f' or '\r' } => escaped.Append(' '),
                _ when !IsHidden(rune) => escaped.Append(rune),
                { IsBmp: true } => escaped.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
                _ => escaped.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"),
            };
        }

        return escaped.ToString();
    }
}
