namespace Pipeline.Runtime;

/// <summary>A message's place in its queue.</summary>
/// <param name="VisibleAt">Not handed out before.</param>
internal readonly record struct MessagePlace(string SessionId, long Sequence, DateTimeOffset VisibleAt);

/// <summary>
/// Which sessions of a queue have messages to hand out, and to whom next: the part of a queue that lives in memory in every adapter.
/// Sessions take turns: one that becomes ready, or is given back with messages left, goes to the end of the line.
/// </summary>
internal sealed class MessageSessions : IDisposable
{
    // The wall clock can be set forward while a long timer sleeps; it looks again at least so often.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly TimeProvider timeProvider;
    private readonly Dictionary<string, Session> sessions = new(StringComparer.Ordinal);
    private readonly Queue<Session> ready = new();
    private readonly PriorityQueue<MessagePlace, (DateTimeOffset VisibleAt, long Sequence)> delayed = new();
    private readonly Waiters waiters;
    private readonly ITimer timer;
    private DateTimeOffset? armedFor;

    public MessageSessions(TimeProvider timeProvider)
    {
        this.timeProvider = timeProvider;
        waiters = new Waiters(gate);
        timer = timeProvider.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Messages that were sent, or came back.</summary>
    public void Add(IReadOnlyList<MessagePlace> messages)
    {
        lock (gate)
        {
            var now = timeProvider.GetUtcNow();
            foreach (var message in messages)
            {
                if (message.VisibleAt > now)
                {
                    delayed.Enqueue(message, (message.VisibleAt, message.Sequence));
                }
                else
                {
                    MakeVisible(message);
                }
            }

            ArmTimer(now);
        }
    }

    /// <summary>Takes the session whose turn it is and its next messages, or null. They are its taker's until <see cref="Release"/>.</summary>
    public (string SessionId, IReadOnlyList<long> Sequences)? TryTake(int maxMessages)
    {
        lock (gate)
        {
            PromoteDue(timeProvider.GetUtcNow());
            if (!ready.TryDequeue(out var session))
            {
                return null;
            }

            session.IsInLine = false;
            session.IsTaken = true;
            var sequences = new long[Math.Min(maxMessages, session.Messages.Count)];
            for (var i = 0; i < sequences.Length; i++)
            {
                sequences[i] = session.Messages.Dequeue();
            }

            WakeOneIfReady();
            return (session.Id, sequences);
        }
    }

    /// <summary>The session is free for the next receiver. What came back of it was added before.</summary>
    public void Release(string sessionId)
    {
        lock (gate)
        {
            var session = sessions[sessionId];
            session.IsTaken = false;
            if (session.Messages.Count == 0)
            {
                sessions.Remove(sessionId);
            }
            else
            {
                GetInLine(session);
            }
        }
    }

    /// <summary>Completes when <see cref="TryTake"/> may find something. One waiter is woken for each session that becomes ready.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = timeProvider.GetUtcNow();
            PromoteDue(now);
            ArmTimer(now);
            if (ready.Count > 0)
            {
                return;
            }

            place = waiters.Enlist();
        }

        await waiters.WaitAsync(place, cancellationToken).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            // Woken and cancelled at once: the wake-up goes to the next in line.
            lock (gate)
            {
                WakeOneIfReady();
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => timer.Dispose();

    private void OnTimer()
    {
        lock (gate)
        {
            armedFor = null;
            var now = timeProvider.GetUtcNow();
            PromoteDue(now);
            ArmTimer(now);
        }
    }

    private void PromoteDue(DateTimeOffset now)
    {
        while (delayed.TryPeek(out var message, out _) && message.VisibleAt <= now)
        {
            delayed.Dequeue();
            MakeVisible(message);
        }
    }

    private void MakeVisible(MessagePlace message)
    {
        if (!sessions.TryGetValue(message.SessionId, out var session))
        {
            session = new Session(message.SessionId);
            sessions.Add(message.SessionId, session);
        }

        session.Messages.Enqueue(message.Sequence, message.Sequence);
        GetInLine(session);
    }

    private void GetInLine(Session session)
    {
        if (!session.IsInLine && !session.IsTaken)
        {
            session.IsInLine = true;
            ready.Enqueue(session);
            waiters.WakeOne();
        }
    }

    private void WakeOneIfReady()
    {
        if (ready.Count > 0)
        {
            waiters.WakeOne();
        }
    }

    private void ArmTimer(DateTimeOffset now)
    {
        if (!delayed.TryPeek(out var next, out _) || (armedFor is { } armed && armed <= next.VisibleAt && armed > now))
        {
            return;
        }

        // Rounded up: a timer counts whole milliseconds, and one that fires early would only be set again.
        var sleep = next.VisibleAt - now + TimeSpan.FromMilliseconds(1) - TimeSpan.FromTicks(1);
        sleep = sleep < LongestSleep ? TimeSpan.FromMilliseconds((long)sleep.TotalMilliseconds) : LongestSleep;
        armedFor = now + sleep;
        timer.Change(sleep, Timeout.InfiniteTimeSpan);
    }

    private sealed class Session(string id)
    {
        public string Id => id;

        /// <summary>Sequences of the visible messages, least first.</summary>
        public PriorityQueue<long, long> Messages { get; } = new();

        public bool IsInLine { get; set; }

        public bool IsTaken { get; set; }
    }
}
