namespace Pipeline.Runtime;

/// <summary>
/// A durable queue with sessions: messages of one session are handled in the order they were sent, by one receiver at a time;
/// sessions run beside each other. The semantics are those of a Service Bus queue with sessions and duplicate detection.
/// </summary>
public interface IMessageQueue
{
    string Name { get; }

    /// <summary>
    /// Durable when it returns, all or none. A message whose id was sent to this queue within the last
    /// <see cref="QueueLimits.DuplicateWindow"/>, or earlier in the same call, is dropped without a word.
    /// </summary>
    /// <exception cref="ArgumentException">A message breaks one of the <see cref="QueueLimits"/>.</exception>
    Task SendAsync(IReadOnlyList<QueueMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>Messages given up, in order of their <see cref="DeadLetter.Sequence"/>.</summary>
    /// <param name="take">1 to 1000.</param>
    /// <param name="after">Only those with a greater <see cref="DeadLetter.Sequence"/>.</param>
    Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(int take, long after = 0, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts a dead letter back in its old place in the queue with its delivery count at zero. False where there is none of that sequence.
    /// </summary>
    Task<bool> RetryDeadLetterAsync(long sequence, CancellationToken cancellationToken = default);
}

/// <summary>A queue whose messages the host fetches itself, by <see cref="QueuePump"/>; where a trigger hands them over nobody needs this.</summary>
public interface IPulledMessageQueue : IMessageQueue
{
    /// <summary>
    /// Takes the session that has waited longest and its next messages, or null where nothing can be handled now.
    /// Until the lease is disposed no other receiver gets that session. A lease whose process dies is given out again.
    /// </summary>
    Task<ISessionLease?> TryReceiveAsync(int maxMessages, CancellationToken cancellationToken = default);

    /// <summary>
    /// Completes when <see cref="TryReceiveAsync"/> may find something: at once, on a send, when a lease ends with messages left, or when
    /// a delayed message falls due. Of several waiters one is woken for each session that becomes ready, so a woken one receives.
    /// </summary>
    Task WaitAsync(CancellationToken cancellationToken = default);
}

public static class QueueLimits
{
    /// <summary>How long a message id is remembered.</summary>
    public static readonly TimeSpan DuplicateWindow = TimeSpan.FromMinutes(10);

    /// <summary>Deliveries without a settlement before a message becomes a dead letter, as Service Bus does by default.</summary>
    public const int MaxDeliveries = 10;

    /// <summary>Session and message ids, as in Service Bus.</summary>
    public const int MaxIdCharacters = 128;

    /// <summary>Throws <see cref="ArgumentException"/> for a message that Service Bus would refuse.</summary>
    public static void Check(IReadOnlyList<QueueMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        foreach (var message in messages)
        {
            CheckId(message.SessionId, "session", nameof(messages));
            CheckId(message.MessageId, "message", nameof(messages));
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> for a page that isn't 1 to 1000 items.</summary>
    public static void CheckTake(int take)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(take, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(take, 1000);
    }

    private static void CheckId(string id, string kind, string parameter)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxIdCharacters)
        {
            throw new ArgumentException($"A {kind} id has 1 to {MaxIdCharacters} characters; this one has {id?.Length ?? 0}: '{id}'.", parameter);
        }
    }
}

/// <param name="SessionId">What is kept in order; at most <see cref="QueueLimits.MaxIdCharacters"/>.</param>
/// <param name="MessageId">The same for the same thing, also when sent again; at most <see cref="QueueLimits.MaxIdCharacters"/>.</param>
/// <param name="VisibleAfter">Not handed out before; null is at once. A delayed message gives up its place in the order: those behind it don't wait for it.
/// In the database file a restart makes it at most a minute.</param>
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
    /// Settles messages of this lease in one transaction; it may be called again for the others.
    /// A message that was not settled when the lease is disposed counts as abandoned.
    /// </summary>
    /// <exception cref="ArgumentException">A message isn't of this lease, or was settled before. Nothing is settled.</exception>
    Task SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken = default);
}

/// <summary>What becomes of a received message.</summary>
public abstract record Settlement(long Sequence)
{
    /// <summary>Done; it is removed.</summary>
    public sealed record Complete(long Sequence) : Settlement(Sequence);

    /// <summary>
    /// To be delivered again: when the lease ends and in its old place, or after <paramref name="Delay"/>, when the messages behind it go first.
    /// After <see cref="QueueLimits.MaxDeliveries"/> it becomes a dead letter with <paramref name="Reason"/>.
    /// </summary>
    /// <param name="IsCounted">False where the message isn't to blame, as when the store is away: this delivery then brings it no nearer to being given up.</param>
    public sealed record Abandon(long Sequence, string Reason, TimeSpan Delay = default, bool IsCounted = true) : Settlement(Sequence);

    /// <summary>
    /// To be delivered again in its old place after <paramref name="Delay"/>; the messages of its session behind it wait as long, and other
    /// sessions don't. After <see cref="QueueLimits.MaxDeliveries"/> it becomes a dead letter with <paramref name="Reason"/>, and those behind it go on.
    /// </summary>
    /// <param name="Delay">A restart may cut it short; the order holds all the same.</param>
    public sealed record Hold(long Sequence, string Reason, TimeSpan Delay) : Settlement(Sequence);

    /// <summary>Given up, kept, visible.</summary>
    public sealed record GiveUp(long Sequence, string Reason) : Settlement(Sequence);
}
