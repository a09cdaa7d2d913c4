using System.Globalization;
using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// What Service Bus can't carry by itself: a delivery that isn't counted, and a message delivered again later, which is a copy with a
/// sequence number and an id of its own. Both keep what they need in application properties.
/// </summary>
internal static class MessageProperties
{
    /// <summary>The sequence number of the message that this one is a later copy of.</summary>
    public const string Sequence = "pipeline-sequence";

    /// <summary>The id of that message: a copy has another one, or duplicate detection would drop it.</summary>
    public const string MessageId = "pipeline-message-id";

    /// <summary>Counted deliveries of that message.</summary>
    public const string Deliveries = "pipeline-deliveries";

    /// <summary>Deliveries of this message that don't count against it; below zero where some count that the service missed.</summary>
    public const string Uncounted = "pipeline-uncounted";

    /// <summary>When it became a dead letter, in UTC ticks.</summary>
    public const string DeadAt = "pipeline-dead-at";

    /// <summary>Its counted deliveries at that time. The service's own count goes on: it rises with each look for another dead letter.</summary>
    public const string DeadAfter = "pipeline-dead-after";

    /// <param name="missed">Deliveries that the service didn't count.</param>
    public static ReceivedMessage Read(ServiceBusReceivedMessage message, int missed = 0) => new(
        Number(message, Sequence) ?? message.SequenceNumber,
        message.SessionId,
        OriginalId(message),
        message.Body.ToMemory(),
        Count(message, missed),
        message.EnqueuedTime);

    /// <summary>By the dead letter's own number, under which it is found again; the original's is for the handler.</summary>
    public static DeadLetter ReadDeadLetter(ServiceBusReceivedMessage message)
    {
        var read = Read(message);
        var deadAt = Number(message, DeadAt) is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : message.EnqueuedTime;
        return new DeadLetter(
            read with { Sequence = message.SequenceNumber, DeliveryCount = (int)(Number(message, DeadAfter) ?? read.DeliveryCount) },
            message.DeadLetterReason ?? "",
            deadAt);
    }

    // What is at hand is delivered, whatever properties a message brings from elsewhere.
    private static int Count(ServiceBusReceivedMessage message, int missed) =>
        (int)Math.Clamp((Number(message, Deliveries) ?? 0) + message.DeliveryCount - (Number(message, Uncounted) ?? 0) + missed, 1, int.MaxValue);

    public static long? Number(ServiceBusReceivedMessage message, string property) =>
        message.ApplicationProperties.TryGetValue(property, out var value) ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;

    /// <summary>The message again, in the old place in its order as far as the handler sees, with an id that duplicate detection doesn't know.</summary>
    /// <param name="deliveries">Counted so far.</param>
    /// <param name="id">Of the copy; the same at each try, so that a second try at sending it is dropped.</param>
    public static ServiceBusMessage Copy(ServiceBusReceivedMessage message, int deliveries, string id) => new(message.Body.ToMemory())
    {
        MessageId = id,
        SessionId = message.SessionId,
        ContentType = message.ContentType,
        ApplicationProperties =
        {
            [Sequence] = Number(message, Sequence) ?? message.SequenceNumber,
            [MessageId] = OriginalId(message),
            [Deliveries] = deliveries,
        },
    };

    private static string OriginalId(ServiceBusReceivedMessage message) =>
        message.ApplicationProperties.TryGetValue(MessageId, out var id) && id is string original ? original : message.MessageId;
}
