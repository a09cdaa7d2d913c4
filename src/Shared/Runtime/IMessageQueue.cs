namespace Pipeline.Runtime;

/// <summary>
/// A durable queue with sessions: messages of one session are handled in the order they were sent, by one receiver at a time;
/// sessions run beside each other. The semantics are those of a Service Bus queue with sessions and duplicate detection.
/// </summary>
public interface IMessageQueue
{
    string Name { get; }

    /// <summary>
    /// Durable when it returns. A message whose id was sent within the last <see cref="QueueLimits.DuplicateWindow"/> is dropped without a word.
    /// </summary>
    Task SendAsync(IReadOnlyList<QueueMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes the session that has waited longest and its next messages, or null where nothing can be handled now.
    /// Until the lease is disposed no other receiver gets that session. A lease whose process dies is given out again.
    /// </summary>
    Task<ISessionLease?> TryReceiveAsync(int maxMessages, CancellationToken cancellationToken = default);

    /// <summary>Completes when <see cref="TryReceiveAsync"/> may find something: at once, on a send, or when a delayed message falls due.</summary>
    Task WaitAsync(CancellationToken cancellationToken = default);

    /// <summary>Messages given up, oldest first.</summary>
    /// <param name="after">Only those with a greater <see cref="DeadLetter.Sequence"/>.</param>
    Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(int take, long after = 0, CancellationToken cancellationToken = default);

    /// <summary>Puts a dead letter back in the queue with its delivery count at zero. False where there is none of that sequence.</summary>
    Task<bool> RetryDeadLetterAsync(long sequence, CancellationToken cancellationToken = default);
}

public static class QueueLimits
{
    /// <summary>How long a message id is remembered.</summary>
    public static readonly TimeSpan DuplicateWindow = TimeSpan.FromMinutes(10);

    /// <summary>Deliveries without a settlement before a message becomes a dead letter, as Service Bus does by default.</summary>
    public const int MaxDeliveries = 10;

    /// <summary>Session and message ids, as in Service Bus.</summary>
    public const int MaxIdCharacters = 128;
}

/// <param name="SessionId">What is kept in order; at most <see cref="QueueLimits.MaxIdCharacters"/>.</param>
/// <param name="MessageId">The same for the same thing, also when sent again; at most <see cref="QueueLimits.MaxIdCharacters"/>.</param>
/// <param name="VisibleAfter">Not handed out before; null is at once. A delayed message gives up its place in the order.</param>
public sealed record QueueMessage(string SessionId, string MessageId, ReadOnlyMemory<byte> Body, DateTimeOffset? VisibleAfter = null);

/// <param name="Sequence">Grows with every message sent; identifies the message in its queue.</param>
/// <param name="DeliveryCount">1 at the first delivery.</param>
public sealed record ReceivedMessage(
    long Sequence,
    string SessionId,
    string MessageId,
    ReadOnlyMemory<byte> Body,
    int DeliveryCount,
    DateTimeOffset EnqueuedAt);

public sealed record DeadLetter(ReceivedMessage Message, string Reason, DateTimeOffset At)
{
    public long Sequence => Message.Sequence;
}

/// <summary>One session and some of its messages, in order, held by one receiver.</summary>
public interface ISessionLease : IAsyncDisposable
{
    string SessionId { get; }

    IReadOnlyList<ReceivedMessage> Messages { get; }

    /// <summary>
    /// Settles messages of this lease in one transaction, together with the messages they lead to on the same queue.
    /// A message that was not settled when the lease is disposed counts as abandoned.
    /// </summary>
    Task SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken = default);
}

/// <summary>What becomes of a received message.</summary>
public abstract record Settlement(long Sequence)
{
    /// <summary>Done; it is removed.</summary>
    public sealed record Complete(long Sequence) : Settlement(Sequence);

    /// <summary>
    /// To be delivered again: at once and in its old place, or after <paramref name="Delay"/>, when the messages behind it go first.
    /// After <see cref="QueueLimits.MaxDeliveries"/> it becomes a dead letter with <paramref name="Reason"/>.
    /// </summary>
    public sealed record Abandon(long Sequence, string Reason, TimeSpan Delay = default) : Settlement(Sequence);

    /// <summary>Given up, kept, visible.</summary>
    public sealed record GiveUp(long Sequence, string Reason) : Settlement(Sequence);
}
