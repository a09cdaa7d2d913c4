using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Tests.ServiceBus;

/// <summary>A queue, or the dead letters of one. Called in turns only.</summary>
/// <param name="deadLetters">Null for a dead-letter queue, which has no sessions and keeps what it has.</param>
internal sealed class Entity(BrokerOptions options, TimeProvider time, Entity? deadLetters)
{
    private readonly SortedDictionary<long, StoredMessage> messages = [];
    private readonly List<StoredMessage> scheduled = [];
    private readonly Dictionary<string, DateTimeOffset> seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Consumer Holder, DateTimeOffset Until)> sessions = new(StringComparer.Ordinal);
    private readonly List<Consumer> consumers = [];
    private readonly List<SessionRequest> waiting = [];
    private long lastSequence = deadLetters is null ? 1000 : 0;
    private long lastToken;

    public bool RequiresSession => options.RequiresSession && deadLetters is not null;

    /// <summary>In order, those locked too; scheduled ones aren't among them.</summary>
    public IEnumerable<StoredMessage> Messages => messages.Values;

    public DateTimeOffset? NextScheduled => scheduled.Min(message => message.VisibleAt);

    /// <summary>Those that a receiver would get now.</summary>
    public IEnumerable<StoredMessage> Free =>
        messages.Values.Where(message => message.Lock is null && !(message.SessionId is { } session && sessions.ContainsKey(session)));

    public bool IsHeld(string session) => sessions.ContainsKey(session);

    /// <summary>When <see cref="Tick"/> has something to do by itself.</summary>
    public DateTimeOffset? NextDue => new[]
        {
            NextScheduled,
            messages.Values.Min(message => message.Lock?.Until),
            sessions.Values.Select(held => (DateTimeOffset?)held.Until).Min(),
            waiting.Min(request => (DateTimeOffset?)request.Until),
        }.Min();

    public void Send(IReadOnlyList<StoredMessage> batch)
    {
        if (RequiresSession && batch.Any(message => string.IsNullOrEmpty(message.SessionId)))
        {
            throw new AmqpException(AmqpErrorCode.NotAllowed, "The queue requires a session id on every message.");
        }

        var now = time.GetUtcNow();
        foreach (var message in batch)
        {
            if (!seen.TryGetValue(message.MessageId, out var at) || now - at >= options.DuplicateWindow)
            {
                seen[message.MessageId] = now;
                Place(message, now);
            }
        }
    }

    public void Add(Consumer consumer) => consumers.Add(consumer);

    /// <summary>Locks a session for a receiver, now or when one becomes ready.</summary>
    public void Take(SessionRequest request)
    {
        if (request.Session is { } session && sessions.ContainsKey(session))
        {
            request.Answer.SetException(Error("com.microsoft:session-cannot-be-locked", $"Session '{session}' is locked."));
            return;
        }

        waiting.Add(request);
        Offer(request, time.GetUtcNow());
        if (options.AnswersWithoutSessionAtOnce && waiting.Remove(request))
        {
            request.Answer.SetException(NoSession());
        }
    }

    /// <exception cref="AmqpException">The lock was lost.</exception>
    public void Settle(Consumer consumer, Guid token, DeliveryState outcome)
    {
        if (messages.Values.FirstOrDefault(message => message.Lock is { } held && held.Token == token && held.Holder == consumer) is not { } held)
        {
            throw Error(consumer.Session is null ? "com.microsoft:message-lock-lost" : "com.microsoft:session-lock-lost", "The lock was lost.");
        }

        messages.Remove(held.Sequence);
        var free = held with { Lock = null };
        switch (outcome)
        {
            case Rejected rejected when deadLetters is not null:
                Bury(free.With(MessageCodec.Read(rejected.Error?.Info)) with { Failures = free.Failures + (options.CountsDeadLettering ? 1 : 0) });
                break;
            case Modified modified:
                PutBack(free.With(MessageCodec.Read(modified.MessageAnnotations)) with { Failures = free.Failures + 1 });
                break;
            case not Accepted:
                PutBack(free);
                break;
        }
    }

    /// <summary>A receiver's link is gone.</summary>
    public void End(Consumer consumer)
    {
        consumers.Remove(consumer);
        waiting.RemoveAll(request => request.Consumer == consumer);
        if (!(consumer.IsBroken && options.KeepsLocksOfBrokenConnections))
        {
            Release(consumer, isCounted: options.CountsEndedSessions);
        }
    }

    public DateTimeOffset Renew(Guid token)
    {
        var held = messages.Values.FirstOrDefault(message => message.Lock?.Token == token) ?? throw Error("com.microsoft:message-lock-lost", "The lock was lost.");
        var until = time.GetUtcNow() + options.LockDuration;
        messages[held.Sequence] = held with { Lock = held.Lock! with { Until = until } };
        return until;
    }

    public DateTimeOffset RenewSession(string session)
    {
        var (holder, _) = sessions.TryGetValue(session, out var held) ? held : throw Error("com.microsoft:session-lock-lost", "The lock was lost.");
        var until = time.GetUtcNow() + options.LockDuration;
        sessions[session] = (holder, until);
        foreach (var message in messages.Values.Where(message => message.Lock?.Holder == holder).ToList())
        {
            messages[message.Sequence] = message with { Lock = message.Lock! with { Until = until } };
        }

        return until;
    }

    /// <summary>Does what has fallen due, and hands out what can be.</summary>
    public void Tick()
    {
        var now = time.GetUtcNow();
        foreach (var due in scheduled.Where(message => message.VisibleAt <= now).OrderBy(message => message.VisibleAt).ToList())
        {
            // It is appended as if it came now, with a number of its own.
            scheduled.Remove(due);
            Place(due, now);
        }

        foreach (var (session, held) in sessions.Where(held => held.Value.Until <= now).ToList())
        {
            sessions.Remove(session);
            Release(held.Holder, isCounted: true);
            held.Holder.Detach(Error("com.microsoft:session-lock-lost", $"The lock of session '{session}' expired."));
        }

        foreach (var message in messages.Values.Where(message => message.Lock is { } held && held.Until <= now).ToList())
        {
            PutBack(message with { Lock = null, Failures = message.Failures + 1 });
        }

        foreach (var request in waiting.ToList())
        {
            Offer(request, now);
        }

        foreach (var consumer in consumers)
        {
            while (consumer.CanTake && Next(consumer) is { } message)
            {
                var token = new Guid(BitConverter.GetBytes(++lastToken).Concat(BitConverter.GetBytes(message.Sequence)).ToArray());
                var until = consumer.Session is { } session ? sessions[session].Until : now + options.LockDuration;
                messages[message.Sequence] = message with { Lock = new MessageLock(token, consumer, until) };
                consumer.Hand(messages[message.Sequence]);
            }
        }
    }

    private StoredMessage? Next(Consumer consumer) => consumer.Session is { } session && !(sessions.TryGetValue(session, out var held) && held.Holder == consumer)
        ? null
        : messages.Values.FirstOrDefault(message => message.Lock is null && (consumer.Session is null || message.SessionId == consumer.Session));

    private void Offer(SessionRequest request, DateTimeOffset now)
    {
        if ((request.Session ?? Free.FirstOrDefault()?.SessionId) is { } session && !sessions.ContainsKey(session))
        {
            waiting.Remove(request);
            request.Consumer.Session = session;
            sessions[session] = (request.Consumer, now + options.LockDuration);
            request.Answer.SetResult(sessions[session].Until);
        }
        else if (request.Until <= now)
        {
            waiting.Remove(request);
            request.Answer.SetException(NoSession());
        }
    }

    private void Place(StoredMessage message, DateTimeOffset now)
    {
        if (message.VisibleAt > now)
        {
            scheduled.Add(message);
        }
        else
        {
            var sequence = ++lastSequence;
            messages.Add(sequence, message with { Sequence = sequence, EnqueuedAt = now });
        }
    }

    private void Release(Consumer holder, bool isCounted)
    {
        if (holder.Session is { } session && sessions.TryGetValue(session, out var held) && held.Holder == holder)
        {
            sessions.Remove(session);
        }

        // Without sessions locks outlive the link.
        foreach (var message in messages.Values.Where(message => holder.Session is not null && message.Lock?.Holder == holder).ToList())
        {
            PutBack(message with { Lock = null, Failures = message.Failures + (isCounted ? 1 : 0) });
        }
    }

    private void PutBack(StoredMessage message)
    {
        messages.Remove(message.Sequence);
        if (deadLetters is not null && message.Failures >= options.MaxDeliveryCount)
        {
            Bury(message.With([KeyValuePair.Create<string, object>("DeadLetterReason", "MaxDeliveryCountExceeded")]));
        }
        else
        {
            messages.Add(message.Sequence, message);
        }
    }

    private void Bury(StoredMessage message)
    {
        var sequence = options.RenumbersDeadLetters ? ++deadLetters!.lastSequence : message.Sequence;
        deadLetters!.messages.Add(sequence, message with { Sequence = sequence });
    }

    private static AmqpException NoSession() => Error("com.microsoft:timeout", "No session became ready in that time.");

    private static AmqpException Error(string condition, string description) => new(condition, description);
}

/// <param name="Session">Null for the next that is ready.</param>
/// <param name="Answer">Until when the session is locked.</param>
internal sealed record SessionRequest(Consumer Consumer, string? Session, DateTimeOffset Until, TaskCompletionSource<DateTimeOffset> Answer);
