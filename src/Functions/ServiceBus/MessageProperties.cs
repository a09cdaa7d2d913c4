using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// What Service Bus can't carry by itself: a delivery that isn't counted, and a message delivered again later, which is a copy with a
/// sequence number of its own. Both keep what they need in application properties.
/// </summary>
internal static class MessageProperties
{
    /// <summary>The sequence number of the message that this one is a later copy of.</summary>
    public const string Sequence = "pipeline-sequence";

    /// <summary>Counted deliveries of that message.</summary>
    public const string Deliveries = "pipeline-deliveries";

    /// <summary>Deliveries of this message that don't count against it.</summary>
    public const string Uncounted = "pipeline-uncounted";

    /// <summary>When it became a dead letter, in UTC ticks.</summary>
    public const string DeadAt = "pipeline-dead-at";

    public static ReceivedMessage Read(ServiceBusReceivedMessage message) => new(
        Number(message, Sequence) ?? message.SequenceNumber,
        message.SessionId,
        message.MessageId,
        message.Body.ToMemory(),
        (int)((Number(message, Deliveries) ?? 0) + message.DeliveryCount - (Number(message, Uncounted) ?? 0)),
        message.EnqueuedTime);

    public static long? Number(ServiceBusReceivedMessage message, string property) =>
        message.ApplicationProperties.TryGetValue(property, out var value) ? Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>The message again, in the old place in its order as far as the handler sees, with an id that duplicate detection doesn't know.</summary>
    /// <param name="deliveries">Counted so far.</param>
    /// <param name="id">Of the copy; the same for the same delivery, so that a second try at sending it is dropped.</param>
    public static ServiceBusMessage Copy(ServiceBusReceivedMessage message, int deliveries, string id)
    {
        var received = Read(message);
        return new ServiceBusMessage(message.Body.ToMemory())
        {
            MessageId = id,
            SessionId = message.SessionId,
            ApplicationProperties = { [Sequence] = received.Sequence, [Deliveries] = deliveries },
        };
    }
}
