using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pipeline.Alerts.Reading;

/// <summary>What is wrong with a body before its content is looked at, and with the text in it.</summary>
internal static class PostText
{
    private const int MaxExcerptBytes = 64;

    public static PostRejection? Check(ReadOnlySpan<byte> body) =>
        body.IndexOfAnyExcept(" \t\r\n"u8) < 0 ? new PostRejection(PostFault.EmptyBody, "The body is empty.") : null;

    /// <param name="pastRoot">Whether the JSON had come to its end.</param>
    public static PostRejection Describe(JsonException exception, bool pastRoot)
    {
        var what = exception.Message.AsSpan();
        if (what.IndexOf(" LineNumber:", StringComparison.Ordinal) is var at and > 0)
        {
            what = what[..at];
        }

        var where = string.Create(CultureInfo.InvariantCulture, $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}");
        return pastRoot
            ? new PostRejection(PostFault.TrailingData, $"After the end of the JSON there is more, at {where}.")
            : new PostRejection(PostFault.MalformedJson, $"The JSON is malformed at {where}: {what}");
    }

    /// <summary>Whether each <c>\u</c> escape of a JSON string that is otherwise well-formed stands for a character, alone or in a surrogate pair.</summary>
    public static bool EscapesAreCharacters(ReadOnlySpan<byte> text)
    {
        const int length = 6;
        while (text.IndexOf((byte)'\\') is var at and >= 0)
        {
            text = text[at..];
            if (text[1] != 'u')
            {
                text = text[2..];
                continue;
            }

            var unit = Unit(text);
            text = text[length..];
            if (char.IsHighSurrogate(unit) && text.StartsWith("\\u"u8) && char.IsLowSurrogate(Unit(text)))
            {
                text = text[length..];
            }
            else if (char.IsSurrogate(unit))
            {
                return false;
            }
        }

        return true;

        static char Unit(ReadOnlySpan<byte> escape) => (char)ushort.Parse(escape[2..length], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>Null for a word that is neither <c>firing</c> nor <c>resolved</c>, in whatever case.</summary>
    public static AlertStatus? StatusOf(ReadOnlySpan<byte> word)
    {
        word = word.Trim((byte)' ');
        return Ascii.EqualsIgnoreCase(word, "firing"u8) ? AlertStatus.Firing
            : Ascii.EqualsIgnoreCase(word, "resolved"u8) ? AlertStatus.Resolved
            : null;
    }

    /// <summary>
    /// The field <c>status</c> of the root object; null where there is none that is known, or the JSON is malformed
    /// before it.
    /// </summary>
    public static AlertStatus? StatusOfRoot(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = AlertLimits.MaxDepth + 1 });
        try
        {
            while (json.Read())
            {
                if (json.TokenType == JsonTokenType.PropertyName && json.ValueSpan.SequenceEqual("status"u8))
                {
                    return json.Read() && json.TokenType == JsonTokenType.String ? StatusOf(json.ValueSpan) : null;
                }

                // Into the root only.
                if (json.CurrentDepth > 0 || json.TokenType == JsonTokenType.StartArray)
                {
                    json.Skip();
                }
            }
        }
        catch (JsonException)
        {
            // The post is refused for it where it is read.
        }

        return null;
    }

    /// <summary>The beginning of a text, for a message.</summary>
    public static string Excerpt(ReadOnlySpan<byte> text) => text.Length <= MaxExcerptBytes
        ? Encoding.UTF8.GetString(text)
        : Encoding.UTF8.GetString(text[..MaxExcerptBytes]) + "…";

    public static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
