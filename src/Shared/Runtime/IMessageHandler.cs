namespace Pipeline.Runtime;

/// <summary>Handles messages of one session in order; the same code behind a Service Bus trigger and behind <see cref="QueuePump"/>.</summary>
public interface IMessageHandler
{
    /// <summary>
    /// One settlement for each message. Messages can come twice; handling must be idempotent.
    /// After an exception they are handed over again one at a time. The one that fails alone is tried again later, and in the end becomes a
    /// dead letter; those behind it in the session wait until then.
    /// </summary>
    Task<IReadOnlyList<Settlement>> HandleAsync(string sessionId, IReadOnlyList<ReceivedMessage> messages, CancellationToken cancellationToken);
}
