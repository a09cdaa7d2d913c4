namespace Pipeline.Runtime;

/// <summary>A lease that lives in this process's memory: a crash frees it. Used by one receiver, not by several threads at once.</summary>
/// <param name="apply">Makes decisions durable, all or none, and puts redelivered messages back into <paramref name="sessions"/>.</param>
internal sealed class SessionLease(
    string sessionId,
    IReadOnlyList<ReceivedMessage> messages,
    MessageSessions sessions,
    Func<IReadOnlyList<SettlementDecision>, Task> apply,
    TimeProvider timeProvider) : ISessionLease
{
    private const string NotSettled = "The receiver gave it back without a settlement.";

    private readonly Dictionary<long, ReceivedMessage> unsettled = messages.ToDictionary(message => message.Sequence);
    private bool isDisposed;

    /// <summary>
    /// Takes the session whose turn it is with the next of its messages; null where there is none. If its messages can't be read, they go
    /// back to their places and the session to the end of the line: nobody else could ever have it.
    /// </summary>
    /// <param name="read">Reads the messages of a session by their sequences. One that is no longer in the store is left out.</param>
    public static SessionLease? TryTake(
        MessageSessions sessions,
        int maxMessages,
        Func<string, IReadOnlyList<long>, IReadOnlyList<ReceivedMessage>> read,
        Func<IReadOnlyList<SettlementDecision>, Task> apply,
        TimeProvider timeProvider)
    {
        while (sessions.TryTake(maxMessages) is var (sessionId, sequences))
        {
            try
            {
                var messages = read(sessionId, sequences);
                if (messages.Count > 0)
                {
                    return new SessionLease(sessionId, messages, sessions, apply, timeProvider);
                }
            }
            catch
            {
                sessions.Add([.. sequences.Select(sequence => new MessagePlace(sessionId, sequence, DateTimeOffset.MinValue))]);
                sessions.Release(sessionId);
                throw;
            }

            sessions.Release(sessionId);
        }

        return null;
    }

    public string SessionId => sessionId;

    public IReadOnlyList<ReceivedMessage> Messages => messages;

    public async Task SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        var now = timeProvider.GetUtcNow();
        var decisions = new List<SettlementDecision>(settlements.Count);
        var seen = new HashSet<long>(settlements.Count);
        foreach (var settlement in settlements)
        {
            if (!unsettled.TryGetValue(settlement.Sequence, out var message) || !seen.Add(settlement.Sequence))
            {
                throw new ArgumentException(
                    $"Message {settlement.Sequence} can't be settled: it isn't among the unsettled messages of this lease on session '{sessionId}', or it is settled twice.",
                    nameof(settlements));
            }

            decisions.Add(SettlementDecision.Decide(settlement, message, now));
        }

        await ApplyAsync(decisions).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        var now = timeProvider.GetUtcNow();
        try
        {
            await ApplyAsync([.. unsettled.Values.Select(message =>
                SettlementDecision.Decide(new Settlement.Abandon(message.Sequence, NotSettled), message, now))]).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The messages are still in the store as they were, and come again in their places; only this delivery isn't counted.
            sessions.Add([.. unsettled.Values.Select(message => new MessagePlace(sessionId, message.Sequence, now))]);
            if (exception is not StoreUnavailableException)
            {
                throw;
            }
        }
        finally
        {
            sessions.Release(sessionId);
        }
    }

    private async Task ApplyAsync(IReadOnlyList<SettlementDecision> decisions)
    {
        if (decisions.Count == 0)
        {
            return;
        }

        await apply(decisions).ConfigureAwait(false);
        foreach (var decision in decisions)
        {
            unsettled.Remove(decision.Message.Sequence);
        }
    }
}
