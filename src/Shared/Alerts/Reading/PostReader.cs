using System.Text.Json;

namespace Pipeline.Alerts.Reading;

/// <summary>
/// Reads a post in one pass over its bytes. The rules for alerts stand here and in <c>PostReader.Alerts.cs</c>, once; what becomes of an alert is the sink's.
/// Malformed JSON throws <see cref="JsonException"/>; every other fault is kept for <see cref="Result"/>.
/// </summary>
/// <param name="isRepaired">U+FFFD may stand in it for bytes that aren't UTF-8.</param>
/// <param name="labelNames">Room for <see cref="AlertLimits.LabelsCompared"/>.</param>
/// <param name="textRoom">Room for <see cref="AlertLimits.NameBytesCompared"/>.</param>
internal ref partial struct PostReader<TSink>(
    ReadOnlySpan<byte> body,
    bool isRepaired,
    DateTimeOffset receivedAt,
    TSink sink,
    Span<ulong> labelNames,
    Span<byte> textRoom)
    where TSink : struct, IAlertSink
{
    // One level more than we take, so that too deep a post is told from a malformed one.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = AlertLimits.MaxDepth + 1 };

    private readonly ReadOnlySpan<byte> body = body;
    private readonly bool isRepaired = isRepaired;
    private readonly DateTimeOffset receivedAt = receivedAt;
    private readonly Span<ulong> labelNames = labelNames;
    private readonly Span<byte> unescaped = textRoom;
    private Utf8JsonReader json = new(body, Options);
#pragma warning disable IDE0044 // A readonly struct field would be copied for each call, and lose what the sink keeps.
    private TSink sink = sink;
#pragma warning restore IDE0044
    private PostRejection? fault;
    private List<AlertRejection>? rejected;
    private int accepted;
    private long truncatedAlerts;
    private string? sender;
    private AlertDraft alert;
    private bool isInvalidText;
    private bool sawInvalidText;
    private AlertStatus? postStatus;
    private bool isPostStatusKnown;

    public readonly JsonTokenType Token => json.TokenType;

    /// <summary>The current token in words.</summary>
    public readonly string Found => PostText.Describe(json.TokenType);

    /// <summary>Whether the root was read to its end.</summary>
    public bool IsPastRoot { get; private set; }

    public readonly PostCheck Result => fault is null
        ? new PostCheck(accepted, rejected ?? (IReadOnlyList<AlertRejection>)[], null, truncatedAlerts, sender)
        : new PostCheck(0, [], fault, truncatedAlerts);

    /// <summary>Gives the post up; the first fault counts.</summary>
    public void Fail(PostFault why, string detail) => fault ??= new PostRejection(why, detail);

    /// <summary>Goes to the next token. False where the post was given up.</summary>
    public bool Next()
    {
        if (fault is not null || !json.Read())
        {
            return false;
        }

        if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && json.CurrentDepth >= AlertLimits.MaxDepth)
        {
            Fail(PostFault.TooDeep, $"At byte {json.TokenStartIndex} the JSON is nested deeper than {AlertLimits.MaxDepth} levels.");
            return false;
        }

        isInvalidText = json.ValueIsEscaped && !PostText.EscapesAreCharacters(json.ValueSpan);
        sawInvalidText |= isInvalidText;

        return true;
    }

    /// <summary>Goes to the next name of the object that was begun. False at its end.</summary>
    public bool NextField() => Next() && json.TokenType == JsonTokenType.PropertyName;

    /// <summary>Whether the current name or string is <paramref name="text"/>.</summary>
    public readonly bool Is(ReadOnlySpan<byte> text) => !isInvalidText && json.ValueTextEquals(text);

    /// <summary>Passes over the value of the current name.</summary>
    public void SkipField()
    {
        if (Next())
        {
            SkipValue();
        }
    }

    /// <summary>Reads the value of the current name. It only tells what to warn of, so anything but a count is passed over.</summary>
    public void ReadTruncatedAlerts()
    {
        if (Next() && !(json.TokenType == JsonTokenType.Number && json.TryGetInt64(out truncatedAlerts)))
        {
            SkipValue();
        }
    }

    /// <summary>Reads the value of the current name, the sender's own address. A check, which makes no garbage, passes it over.</summary>
    public void ReadSender()
    {
        if (!Next())
        {
            return;
        }

        if (json.TokenType == JsonTokenType.String && !isInvalidText && json.ValueSpan.Length is > 0 and <= AlertLimits.MaxSenderBytes)
        {
            sender = sink.TakesTexts ? json.GetString() : null;
        }

        SkipValue();
    }

    /// <summary>Expects that nothing follows the root.</summary>
    public void ExpectEnd()
    {
        IsPastRoot = fault is null;
        Next();
    }

    /// <summary>Goes to the end of the value at whose first token the reader is.</summary>
    private void SkipValue()
    {
        if (json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }

        var depth = json.CurrentDepth;
        while (Next() && json.CurrentDepth > depth)
        {
        }
    }
}
