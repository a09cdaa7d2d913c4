namespace Pipeline.Runtime;

/// <summary>A message's place in its queue.</summary>
/// <param name="VisibleAt">Not handed out before.</param>
/// <param name="HoldsSession">Nor is any other message of its session.</param>
internal readonly record struct MessagePlace(string SessionId, long Sequence, DateTimeOffset VisibleAt, bool HoldsSession = false);

/// <summary>
/// Which sessions of a queue have messages to hand out, and to whom next: the part of a queue that lives in memory in every adapter.
/// Sessions take turns: one that becomes ready, or is given back with messages left, goes to the end of the line.
/// </summary>
internal sealed class MessageSessions : IDisposable
{
    // A timer takes at most 49 days.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly TimeProvider timeProvider;

    // Waits are counted from here by the timestamp, which nobody sets: a wall clock put back an hour would make each an hour longer.
    private readonly long beginning;
    private readonly Dictionary<string, Session> sessions = new(StringComparer.Ordinal);
    private readonly Queue<Session> ready = new();
    private readonly PriorityQueue<MessagePlace, (TimeSpan DueAt, long Sequence)> delayed = new();

    // Delayed or visible, and in nobody's hands.
    private readonly HashSet<long> queued = [];
    private readonly Waiters waiters;
    private readonly ITimer timer;
    private TimeSpan? armedFor;

    public MessageSessions(TimeProvider timeProvider)
    {
        this.timeProvider = timeProvider;
        beginning = timeProvider.GetTimestamp();
        waiters = new Waiters(gate);
        timer = timeProvider.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Messages that were sent, or came back. One that is queued already stays where it is.</summary>
    public void Add(IReadOnlyList<MessagePlace> messages)
    {
        lock (gate)
        {
            var wallClock = timeProvider.GetUtcNow();
            var now = Now();
            foreach (var message in messages)
            {
                if (!queued.Add(message.Sequence))
                {
                    continue;
                }

                if (message.VisibleAt > wallClock)
                {
                    Delay(message, now + (message.VisibleAt - wallClock));
                }
                else
                {
                    MakeVisible(message, now);
                }
            }

            PromoteDueAndArm(now);
        }
    }

    /// <summary>Takes the session whose turn it is and its next messages, or null. They are its taker's until <see cref="Release"/>.</summary>
    public (string SessionId, IReadOnlyList<long> Sequences)? TryTake(int maxMessages)
    {
        lock (gate)
        {
            PromoteDue(Now());
            if (!ready.TryDequeue(out var session))
            {
                return null;
            }

            session.IsInLine = false;
            session.IsTaken = true;
            var sequences = new long[Math.Min(maxMessages, session.Messages.Count)];
            for (var i = 0; i < sequences.Length; i++)
            {
                session.Messages.TryDequeue(out var dueSince, out sequences[i]);
                queued.Remove(sequences[i]);
                session.TakenDueSince = dueSince < session.TakenDueSince ? dueSince : session.TakenDueSince;
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
            session.TakenDueSince = TimeSpan.MaxValue;
            if (session.Messages.Count == 0 && session.Holds == 0)
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
            PromoteDueAndArm(Now());
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

    /// <summary>
    /// How long the message that has been due longest has waited: in line, or in the hands of a receiver who hasn't settled it.
    /// Of a session in line it is its first message that counts. Messages of a session that is held aren't due before the hold ends.
    /// Zero where nothing is due.
    /// </summary>
    public TimeSpan AgeOfOldestDue()
    {
        lock (gate)
        {
            var now = Now();
            PromoteDue(now);
            return sessions.Count == 0 ? TimeSpan.Zero : now - sessions.Values.Min(session => session.DueSince(now));
        }
    }

    public void Dispose() => timer.Dispose();

    private TimeSpan Now() => timeProvider.GetElapsedTime(beginning);

    private void OnTimer()
    {
        lock (gate)
        {
            armedFor = null;
            PromoteDueAndArm(Now());
        }
    }

    // In this order: what is due when its timer runs late would be waited for a negative time.
    private void PromoteDueAndArm(TimeSpan now)
    {
        PromoteDue(now);
        ArmTimer(now);
    }

    private void PromoteDue(TimeSpan now)
    {
        while (delayed.TryPeek(out var message, out var place) && place.DueAt <= now)
        {
            delayed.Dequeue();
            if (message.HoldsSession)
            {
                var session = SessionOf(message);
                session.Holds--;
                session.HeldUntil = place.DueAt > session.HeldUntil ? place.DueAt : session.HeldUntil;
            }

            MakeVisible(message, place.DueAt);
        }
    }

    private void Delay(MessagePlace message, TimeSpan dueAt)
    {
        delayed.Enqueue(message, (dueAt, message.Sequence));
        if (message.HoldsSession)
        {
            SessionOf(message).Holds++;
        }
    }

    private void MakeVisible(MessagePlace message, TimeSpan dueSince)
    {
        var session = SessionOf(message);
        session.Messages.Enqueue(dueSince, message.Sequence);
        GetInLine(session);
    }

    private Session SessionOf(MessagePlace message)
    {
        if (!sessions.TryGetValue(message.SessionId, out var session))
        {
            session = new Session(message.SessionId);
            sessions.Add(message.SessionId, session);
        }

        return session;
    }

    private void GetInLine(Session session)
    {
        if (session is { IsInLine: false, IsTaken: false, Holds: 0 })
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

    private void ArmTimer(TimeSpan now)
    {
        if (!delayed.TryPeek(out _, out var next) || (armedFor is { } armed && armed <= next.DueAt && armed > now))
        {
            return;
        }

        // Rounded up: a timer counts whole milliseconds, and one that fires early would only be set again.
        var sleep = next.DueAt - now + TimeSpan.FromMilliseconds(1) - TimeSpan.FromTicks(1);
        sleep = sleep < LongestSleep ? TimeSpan.FromMilliseconds((long)sleep.TotalMilliseconds) : LongestSleep;
        armedFor = now + sleep;
        timer.Change(sleep, Timeout.InfiniteTimeSpan);
    }

    private sealed class Session(string id)
    {
        public string Id => id;

        /// <summary>The visible messages by sequence, least first, with the time since when each is due.</summary>
        public PriorityQueue<TimeSpan, long> Messages { get; } = new();

        /// <summary>Delayed messages that the others wait for.</summary>
        public int Holds { get; set; }

        /// <summary>When the last hold ended. What waited for it counts as due from then on.</summary>
        public TimeSpan HeldUntil { get; set; }

        public bool IsInLine { get; set; }

        public bool IsTaken { get; set; }

        /// <summary>Of the messages in a receiver's hands, since when the longest due of them is.</summary>
        public TimeSpan TakenDueSince { get; set; } = TimeSpan.MaxValue;

        public TimeSpan DueSince(TimeSpan now)
        {
            if (Holds > 0)
            {
                return now;
            }

            var first = Messages.TryPeek(out var dueSince, out _) ? dueSince : now;
            var longest = first < TakenDueSince ? first : TakenDueSince;
            return longest > HeldUntil ? longest : HeldUntil;
        }
    }
}
