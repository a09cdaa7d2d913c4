using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Tests.ServiceBus;

/// <summary>A message in a queue: what the sender gave and what settling it added.</summary>
public sealed record StoredMessage
{
    public long Sequence { get; init; }

    public string MessageId { get; init; } = "";

    public string? SessionId { get; init; }

    public string? ContentType { get; init; }

    public byte[] Body { get; init; } = [];

    public IReadOnlyDictionary<string, object> Properties { get; init; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>Null for a message that isn't scheduled.</summary>
    public DateTimeOffset? VisibleAt { get; init; }

    /// <summary>Deliveries that came to no settlement and count.</summary>
    public int Failures { get; init; }

    /// <summary>Who holds it and until when; null where it is free.</summary>
    internal MessageLock? Lock { get; init; }

    public StoredMessage With(IEnumerable<KeyValuePair<string, object>> properties)
    {
        var all = new Dictionary<string, object>(Properties, StringComparer.Ordinal);
        foreach (var (name, value) in properties)
        {
            all[name] = value;
        }

        return this with { Properties = all };
    }
}

internal sealed record MessageLock(Guid Token, Consumer Holder, DateTimeOffset Until);

/// <summary>Messages on the wire. https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide has the names.</summary>
internal static class MessageCodec
{
    /// <summary>The format of a batch: each data section is a message of its own.</summary>
    private const uint BatchFormat = 0x80013700;

    public static List<StoredMessage> Read(AmqpMessage message) => message.MessageFormat == BatchFormat
        ? [.. message.DataBody.Select(data => ReadOne(AmqpMessage.CreateAmqpStreamMessage(new BufferListStream([(ArraySegment<byte>)data.Value]))))]
        : [ReadOne(message)];

    public static AmqpMessage Write(StoredMessage message)
    {
        var written = AmqpMessage.Create(new Data { Value = new ArraySegment<byte>(message.Body) });
        written.Header.DeliveryCount = (uint)message.Failures;
        written.Properties.MessageId = message.MessageId;
        written.Properties.GroupId = message.SessionId;
        written.Properties.ContentType = message.ContentType;
        written.MessageAnnotations.Map["x-opt-sequence-number"] = message.Sequence;
        written.MessageAnnotations.Map["x-opt-enqueued-time"] = message.EnqueuedAt.UtcDateTime;
        if (message.Lock is { } held)
        {
            written.MessageAnnotations.Map["x-opt-locked-until"] = held.Until.UtcDateTime;
        }

        if (message.VisibleAt is { } visibleAt)
        {
            written.MessageAnnotations.Map["x-opt-scheduled-enqueue-time"] = visibleAt.UtcDateTime;
        }

        foreach (var (name, value) in message.Properties)
        {
            written.ApplicationProperties.Map[name] = value;
        }

        return written;
    }

    /// <summary>The bytes of a peeked message.</summary>
    public static ArraySegment<byte> WriteWhole(StoredMessage message)
    {
        using var whole = new MemoryStream();
        Write(message).ToStream().CopyTo(whole);
        return new ArraySegment<byte>(whole.ToArray());
    }

    /// <summary>Of a map whose keys are strings or symbols.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Read(RestrictedMap? map) =>
        (map ?? new Fields()).Select(entry => KeyValuePair.Create(entry.Key.Key.ToString()!, entry.Value));

    private static StoredMessage ReadOne(AmqpMessage message)
    {
        var body = message.DataBody?.SelectMany(data => (ArraySegment<byte>)data.Value).ToArray() ?? [];
        return new StoredMessage
        {
            MessageId = message.Properties?.MessageId?.ToString() ?? "",
            SessionId = message.Properties?.GroupId,
            ContentType = message.Properties?.ContentType.Value,
            Body = body,
            VisibleAt = message.MessageAnnotations?.Map.TryGetValue<DateTime>("x-opt-scheduled-enqueue-time", out var visibleAt) == true
                ? new DateTimeOffset(DateTime.SpecifyKind(visibleAt, DateTimeKind.Utc))
                : null,
        }.With(Read(message.ApplicationProperties?.Map));
    }
}
