using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// A queue in the database file. Messages are rows until they are completed; leases, and which session is next, are in memory only,
/// because the file belongs to one process: a crash frees every lease.
/// </summary>
internal sealed class SqliteMessageQueue : IPulledMessageQueue, IBacklog, IReadiness, IDisposable
{
    /// <summary>A lease takes no further message once its bodies come to this: 256 messages of 240 KB in 16 sessions would be a gigabyte.</summary>
    private const int MaxBytesOfLease = 4 * 1024 * 1024;

    /// <summary>
    /// A restart makes no message wait longer. The file knows when a wait ends by the wall clock only, and a machine may boot with one that is hours
    /// behind. A far end that asked for a longer rest says so again.
    /// </summary>
    private static readonly TimeSpan LongestWaitAfterStart = TimeSpan.FromMinutes(1);

    private readonly SqliteDatabase database;
    private readonly TimeProvider timeProvider;
    private readonly MessageSessions sessions;
    private readonly SqliteMessageRows rows;
    private readonly QueueLateness lateness;

    public SqliteMessageQueue(SqliteDatabase database, string name, TimeProvider timeProvider)
    {
        this.database = database;
        this.timeProvider = timeProvider;
        Name = name;
        rows = new SqliteMessageRows(name);
        sessions = new MessageSessions(timeProvider);
        var latest = timeProvider.GetUtcNow() + LongestWaitAfterStart;
        sessions.Add([.. database.Read(rows.ReadPlaces)
            .Select(place => place.VisibleAt > latest ? place with { VisibleAt = latest } : place)]);
        lateness = new QueueLateness(name, sessions.AgeOfOldestDue);
    }

    public string Name { get; }

    public async Task SendAsync(IReadOnlyList<QueueMessage> messages, CancellationToken cancellationToken = default)
    {
        QueueLimits.Check(messages);
        cancellationToken.ThrowIfCancellationRequested();
        if (messages.Count > 0)
        {
            await database.WriteAsync(statements => Insert(statements, messages), Committed).ConfigureAwait(false);
        }
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
        return Task.FromResult(database.Read(rows.ReadOldest));
    }

    public Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(int take, long after = 0, CancellationToken cancellationToken = default)
    {
        QueueLimits.CheckTake(take);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<DeadLetter>>(database.Read(statements => rows.ReadDeadLetters(statements, take, after)));
    }

    public Task<bool> RetryDeadLetterAsync(long sequence, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return RetryAsync(sequence);
    }

    /// <summary>For a transaction that sends beside its own work; after its commit <see cref="Committed"/> is told the places.</summary>
    public IReadOnlyList<MessagePlace> Insert(SqliteStatements statements, IReadOnlyList<QueueMessage> messages) =>
        rows.Insert(statements, messages, timeProvider.GetUtcNow());

    public void Committed(IReadOnlyList<MessagePlace> places) => sessions.Add(places);

    /// <inheritdoc />
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        lateness.Check();
        return database.FaultAfterCommit is { } fault
            ? throw new StoreUnavailableException(
                $"A fault came between {database.Path} and what this program remembers of it, and may hold messages back: {fault.Message} Restart the program.", fault)
            : Task.CompletedTask;
    }

    public void Dispose()
    {
        lateness.Dispose();
        sessions.Dispose();
    }

    /// <summary>
    /// A commit that failed at the very end may have reached the disk all the same, so a message that memory knows can be gone from the file:
    /// then it was settled, and is left out.
    /// </summary>
    private List<ReceivedMessage> Read(string sessionId, IReadOnlyList<long> sequences)
    {
        var (messages, looked) = database.Read(statements => SqliteMessageRows.Read(statements, sessionId, sequences, MaxBytesOfLease));

        // The others wait in their old places for the next lease.
        sessions.Add([.. sequences.Skip(looked).Select(sequence => new MessagePlace(sessionId, sequence, DateTimeOffset.MinValue))]);
        return messages;
    }

    private Task ApplyAsync(IReadOnlyList<SettlementDecision> decisions) =>
        database.WriteAsync(statements => rows.Apply(statements, decisions, timeProvider.GetUtcNow()), Committed);

    private async Task<bool> RetryAsync(long sequence)
    {
        var places = await database.WriteAsync(statements => rows.Retry(statements, sequence), Committed).ConfigureAwait(false);
        return places.Count > 0;
    }
}
