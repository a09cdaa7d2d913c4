using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Alerts;

/// <summary>Names the oddity of an alert that was accepted all the same.</summary>
[JsonConverter(typeof(AlertMendingKindJsonConverter))]
public enum AlertMendingKind
{
    /// <summary>A kind that another version of the program knows.</summary>
    Other,

    /// <summary>A start that can't be read as a time, or one before the year 2000: it counts as not sent.</summary>
    StartUnreadable,

    /// <summary>A start clearly after the time of receipt, which counts instead.</summary>
    StartAhead,

    /// <summary>An end that is no time, or one before the year 2000: it counts as not sent.</summary>
    EndUnreadable,

    /// <summary>
    /// An end before the start: of a resolve the end counts as its start too, of a firing alert no end counts.
    /// </summary>
    EndBeforeStart,

    /// <summary>A time in another form than RFC 3339, which was read.</summary>
    TimeReread,

    /// <summary>A missing or unknown status: the post's counts, else the end.</summary>
    StatusUnknown,

    /// <summary>A field twice: the last counts.</summary>
    FieldTwice,

    /// <summary>A label twice: the last value counts.</summary>
    LabelTwice,

    /// <summary>A label or annotation whose value isn't a string: its JSON counts as text.</summary>
    ValueNotText,

    /// <summary>An escape or a byte that stands for no character: U+FFFD counts.</summary>
    TextReplaced,

    /// <summary>A field of another type than its own: left out.</summary>
    FieldLeftOut,

    /// <summary>Larger than a message: texts were cut.</summary>
    Cut,
}

/// <summary>One mending of an alert: nothing that a person would want to be woken by is refused for its form.</summary>
/// <param name="Detail">A sentence for people: what was sent and what was taken. Parts of it are the sender's
/// text.</param>
public sealed record AlertMending(AlertMendingKind Kind, string Detail);

/// <summary>
/// The kinds as camelCase words; a word that isn't known is <see cref="AlertMendingKind.Other"/>, so that versions can
/// run side by side.
/// </summary>
internal sealed class AlertMendingKindJsonConverter : JsonConverter<AlertMendingKind>
{
    public override AlertMendingKind Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            && Enum.TryParse<AlertMendingKind>(reader.GetString(), ignoreCase: true, out var kind)
            && Enum.IsDefined(kind)
            ? kind
            : AlertMendingKind.Other;

    public override void Write(Utf8JsonWriter writer, AlertMendingKind value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));
}
