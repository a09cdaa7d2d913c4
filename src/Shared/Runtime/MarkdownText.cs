using System.Globalization;
using System.Text;

namespace Pipeline.Runtime;

/// <summary>Text of unknown origin, made fit to stand inside a line or a table cell of Markdown.</summary>
public static class MarkdownText
{
    /// <summary>
    /// One line of at most <paramref name="maxCharacters"/> UTF-16 characters: white space and control characters become single spaces,
    /// marks that reorder text (a way to disguise it) are dropped, what is too long ends in an ellipsis.
    /// </summary>
    public static string OneLine(string text, int maxCharacters)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCharacters, 1);
        var line = new StringBuilder(Math.Min(text.Length, maxCharacters + 1));
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsReordering(rune))
            {
                continue;
            }

            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune))
            {
                line.Append(rune);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }

            if (line.Length > maxCharacters + 1)
            {
                break;
            }
        }

        var trimmed = line.ToString().TrimEnd();
        return trimmed.Length <= maxCharacters ? trimmed : Shorten(trimmed, maxCharacters);
    }

    /// <summary>
    /// <paramref name="line"/> with everything escaped that Markdown (CommonMark and GitHub's dialect) would take for markup:
    /// no emphasis, code, formula, link, bare address, HTML or table cell comes of it. Meant for the middle of a line; see <see cref="OneLine"/>.
    /// </summary>
    public static string Escape(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var escaped = new StringBuilder(line.Length + 16);
        for (var i = 0; i < line.Length; i++)
        {
            // HTML's own characters become entities: a reader that knows no backslash before them would take them for HTML.
            _ = line[i] switch
            {
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),

                // No escape helps here: GitHub looks for addresses and names of people in the text after it has read the escapes.
                '@' => escaped.Append("(at)"),
                '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '$' => escaped.Append('\\').Append(line[i]),
                _ when StartsAddress(line, i) => escaped.Append('\\').Append(line[i]),
                _ => escaped.Append(line[i]),
            };
        }

        return escaped.ToString();
    }

    // Dialects turn https://…, mailto:…, www.… and some also example.com into links on their own. Times and numbers stay as they are.
    private static bool StartsAddress(string line, int i)
    {
        var before = i > 0 ? line[i - 1] : ' ';
        var after = i + 1 < line.Length ? line[i + 1] : ' ';
        return line[i] switch
        {
            ':' when after == '/' => true,
            ':' => char.IsAsciiLetterOrDigit(before) && !char.IsWhiteSpace(after) && !(char.IsAsciiDigit(before) && char.IsAsciiDigit(after)),
            '.' => char.IsLetterOrDigit(before) && char.IsLetter(after),
            _ => false,
        };
    }

    private static bool IsReordering(Rune rune) =>
        rune.Value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    private static string Shorten(string text, int maxCharacters)
    {
        var end = maxCharacters - 1;
        if (end > 0 && char.IsHighSurrogate(text[end - 1]))
        {
            end--;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, end).TrimEnd()}…");
    }
}
