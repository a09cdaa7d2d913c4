namespace Pipeline.Runtime;

/// <summary>A queue in this process only: for tests, drills and trying out.</summary>
internal sealed class InMemoryMessageQueue(string name, TimeProvider timeProvider) : IPulledMessageQueue, IBacklog, IDisposable
{
    private readonly Lock gate = new();
    private readonly MessageSessions sessions = new(timeProvider);
    private readonly Dictionary<long, ReceivedMessage> messages = [];
    private readonly SortedDictionary<long, DeadLetter> deadLetters = [];
    private readonly Dictionary<string, DateTimeOffset> sentIds = new(StringComparer.Ordinal);
    private readonly Queue<string> sentIdsByAge = new();
    private long lastSequence;

    public string Name => name;

    public Task SendAsync(IReadOnlyList<QueueMessage> messages, CancellationToken cancellationToken = default)
    {
        QueueLimits.Check(messages);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var now = timeProvider.GetUtcNow();
            ForgetOldIds(now);
            var places = new List<MessagePlace>(messages.Count);
            foreach (var message in messages)
            {
                if (!sentIds.TryAdd(message.MessageId, now))
                {
                    continue;
                }

                sentIdsByAge.Enqueue(message.MessageId);
                lastSequence++;
                this.messages.Add(
                    lastSequence,
                    new ReceivedMessage(lastSequence, message.SessionId, message.MessageId, message.Body.ToArray(), DeliveryCount: 0, now));
                places.Add(new MessagePlace(message.SessionId, lastSequence, message.VisibleAfter ?? now));
            }

            sessions.Add(places);
        }

        return Task.CompletedTask;
    }

    public Task<ISessionLease?> TryReceiveAsync(int maxMessages, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<ISessionLease?>(SessionLease.TryTake(sessions, maxMessages, Read, ApplyAsync, timeProvider));
    }

    public Task WaitAsync(CancellationToken cancellationToken = default) => sessions.WaitAsync(cancellationToken);

    public Task<ReceivedMessage?> OldestAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(messages.Values.MinBy(message => message.Sequence));
        }
    }

    public Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(int take, long after = 0, CancellationToken cancellationToken = default)
    {
        QueueLimits.CheckTake(take);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<DeadLetter>>([.. deadLetters.Values.Where(letter => letter.Sequence > after).Take(take)]);
        }
    }

    public Task<bool> RetryDeadLetterAsync(long sequence, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (!deadLetters.Remove(sequence, out var letter))
            {
                return Task.FromResult(false);
            }

            messages.Add(sequence, letter.Message with { DeliveryCount = 0 });
            sessions.Add([new MessagePlace(letter.Message.SessionId, sequence, DateTimeOffset.MinValue)]);
            return Task.FromResult(true);
        }
    }

    public void Dispose() => sessions.Dispose();

    private List<ReceivedMessage> Read(string sessionId, IReadOnlyList<long> sequences)
    {
        lock (gate)
        {
            return [.. sequences.Select(sequence => messages[sequence]).Select(message => message with { DeliveryCount = message.DeliveryCount + 1 })];
        }
    }

    private Task ApplyAsync(IReadOnlyList<SettlementDecision> decisions)
    {
        lock (gate)
        {
            foreach (var (message, effect, visibleAt, reason) in decisions)
            {
                switch (effect)
                {
                    case SettlementEffect.Redeliver or SettlementEffect.HoldSession:
                        messages[message.Sequence] = message;
                        sessions.Add([new MessagePlace(message.SessionId, message.Sequence, visibleAt, effect == SettlementEffect.HoldSession)]);
                        break;
                    case SettlementEffect.DeadLetter:
                        messages.Remove(message.Sequence);
                        deadLetters.Add(message.Sequence, new DeadLetter(message, reason, timeProvider.GetUtcNow()));
                        break;
                    default:
                        messages.Remove(message.Sequence);
                        break;
                }
            }
        }

        return Task.CompletedTask;
    }

    private void ForgetOldIds(DateTimeOffset now)
    {
        while (sentIdsByAge.TryPeek(out var oldest) && now - sentIds[oldest] >= QueueLimits.DuplicateWindow)
        {
            sentIds.Remove(sentIdsByAge.Dequeue());
        }
    }
}
