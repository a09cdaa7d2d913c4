using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>Posts in the database file. Which of them are split is one number, because they are split in the order of their ids.</summary>
internal sealed class SqlitePostLog : IPulledPostLog
{
    private const string SelectLastId =
        "SELECT max(coalesce((SELECT max(id) FROM posts), 0), (SELECT max(value) FROM progress WHERE name IN ('split_through', 'purged_through')))";

    private const string SelectNewestUnsplit =
        "SELECT max(id) FROM posts WHERE id > (SELECT value FROM progress WHERE name = 'split_through') AND rejected_because IS NULL";

    private const string SelectUnsplit =
        "SELECT id, source, body, received_at, caller, rejected_because, 0 FROM posts " +
        "WHERE id > (SELECT value FROM progress WHERE name = 'split_through') AND rejected_because IS NULL ORDER BY id LIMIT $1";

    private const string SelectUnsplitIds =
        "SELECT id FROM posts " +
        "WHERE id > (SELECT value FROM progress WHERE name = 'split_through') AND id <= $1 AND rejected_because IS NULL ORDER BY id";

    private const string SelectPosts =
        "SELECT id, source, body, received_at, caller, rejected_because, " +
        "rejected_because IS NULL AND id <= (SELECT value FROM progress WHERE name = 'split_through') FROM posts ";

    private const string SelectOne = SelectPosts + "WHERE id = $1";
    private const string SelectNewest = SelectPosts + "WHERE id < $1 ORDER BY id DESC LIMIT $2";
    private const string SetSplitThrough = "UPDATE progress SET value = $1 WHERE name = 'split_through'";

    private readonly SqliteDatabase database;
    private readonly SqliteMessageQueue alerts;
    private readonly SqlitePostAppends appends;
    private readonly Lock gate = new();
    private readonly Waiters waiters;

    // Of this opening, guarded by the gate: there is something to split where the first is greater.
    private long newestUnsplit;
    private long splitThrough;

    /// <param name="alerts">Where <see cref="CompleteSplitAsync"/> sends to; in the same file.</param>
    public SqlitePostLog(SqliteDatabase database, SqliteMessageQueue alerts)
    {
        this.database = database;
        this.alerts = alerts;
        waiters = new Waiters(gate);
        newestUnsplit = database.Read(statements => statements.Scalar(SelectNewestUnsplit) as long? ?? 0);
        var lastId = database.Read(statements => (long)statements.Scalar(SelectLastId)!);
        appends = new SqlitePostAppends(database, lastId, Appended);
    }

    public ValueTask<long> AppendAsync(ReceivedPost post, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return appends.AppendAsync(post);
    }

    public Task<IReadOnlyList<StoredPost>> ReadUnsplitAsync(int maxPosts, int maxBytes, CancellationToken cancellationToken = default)
    {
        PostLogRules.CheckTake(maxPosts);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<StoredPost>>(database.Read(statements =>
        {
            var found = new List<StoredPost>();
            var bytes = 0L;
            statements.QueryWhile(
                SelectUnsplit,
                row =>
                {
                    found.Add(ReadPost(row));
                    bytes += found[^1].Post.Body.Length;
                    return bytes < maxBytes;
                },
                maxPosts);
            return found;
        }));
    }

    public Task CompleteSplitAsync(IReadOnlyList<long> posts, IReadOnlyList<QueueMessage> alerts, CancellationToken cancellationToken = default)
    {
        QueueLimits.Check(alerts);
        cancellationToken.ThrowIfCancellationRequested();
        return database.WriteAsync(
            statements =>
            {
                var last = posts.Count > 0 ? posts[^1] : 0;
                PostLogRules.CheckSplit(posts, statements.Query(SelectUnsplitIds, row => row.GetInt64(0), last));
                statements.Run(SetSplitThrough, last);
                return (Last: last, Places: this.alerts.Insert(statements, alerts));
            },
            split =>
            {
                lock (gate)
                {
                    splitThrough = split.Last;
                }

                this.alerts.Committed(split.Places);
            });
    }

    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (newestUnsplit > splitThrough)
            {
                return;
            }

            place = waiters.Enlist();
        }

        await waiters.WaitAsync(place, cancellationToken).ConfigureAwait(false);
    }

    public Task<StoredPost?> GetAsync(long id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(database.Read(statements => statements.Query(SelectOne, ReadPost, id).SingleOrDefault()));
    }

    public Task<IReadOnlyList<StoredPost>> ListAsync(int take, long? before = null, CancellationToken cancellationToken = default)
    {
        PostLogRules.CheckTake(take);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<StoredPost>>(
            database.Read(statements => statements.Query(SelectNewest, ReadPost, before ?? long.MaxValue, take)));
    }

    public Task<int> PurgeAsync(DateTimeOffset receivedBefore, CancellationToken cancellationToken = default) =>
        new SqlitePostPurge(database, receivedBefore).RunAsync(cancellationToken);

    private void Appended(long id)
    {
        lock (gate)
        {
            newestUnsplit = id;
            waiters.WakeAll();
        }
    }

    private static StoredPost ReadPost(SqliteRow row) => new(
        row.GetInt64(0),
        new ReceivedPost(row.GetString(1), row.GetBytes(2), row.GetTime(3), row.GetStringOrNull(4), row.GetStringOrNull(5)),
        row.GetInt64(6) != 0);
}
