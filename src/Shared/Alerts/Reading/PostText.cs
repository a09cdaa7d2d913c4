using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.Alerts.Reading;

/// <summary>What is wrong with a body before its content is looked at, and with the text in it.</summary>
internal static class PostText
{
    private const int MaxExcerptBytes = 64;

    public static PostRejection? Check(ReadOnlySpan<byte> body)
    {
        if (body.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return new PostRejection(PostFault.EmptyBody, "The body is empty.");
        }

        return Utf8.IsValid(body)
            ? null
            : new PostRejection(PostFault.InvalidUtf8, string.Create(CultureInfo.InvariantCulture, $"The body isn't UTF-8 at byte {FirstInvalid(body)}."));
    }

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

    /// <summary>Whether it can be a label's or an annotation's name: any text but the empty one, without control characters.</summary>
    /// <param name="name">Valid UTF-8, without escapes.</param>
    public static bool IsName(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            // U+0080 to U+009F are 0xC2 and a byte up to 0x9F.
            if (name[i] is < 0x20 or 0x7F || (name[i] == 0xC2 && name[i + 1] <= 0x9F))
            {
                return false;
            }
        }

        return name.Length > 0;
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

    private static int FirstInvalid(ReadOnlySpan<byte> body)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(body[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }
}
