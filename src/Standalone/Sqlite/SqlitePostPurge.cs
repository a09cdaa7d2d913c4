using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// Deletes old posts from the oldest on, in transactions small enough that appends between them don't wait long.
/// It ends at a stretch of posts that are all too young: posts are appended about in the order they were received.
/// </summary>
internal sealed class SqlitePostPurge(SqliteDatabase database, DateTimeOffset receivedBefore)
{
    private const int MaxPosts = 500;
    private const long MaxBytes = 8 * 1024 * 1024;

    private const string SelectNext =
        "SELECT id, received_at < $1, rejected_because IS NOT NULL OR id <= (SELECT value FROM progress WHERE name = 'split_through'), length(body) " +
        "FROM posts WHERE id > $2 ORDER BY id LIMIT $3";

    private const string DeleteOne = "DELETE FROM posts WHERE id = $1";
    private const string SetPurgedThrough = "UPDATE progress SET value = max(value, $1) WHERE name = 'purged_through'";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var purged = 0;
        var stretch = new Stretch(LastSeen: 0, HasOld: true, []);
        while (stretch.HasOld)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stretch = database.Read(statements => ReadStretch(statements, stretch.LastSeen));
            if (stretch.ToDelete.Count > 0)
            {
                purged += await database.WriteAsync(statements => Delete(statements, stretch.ToDelete)).ConfigureAwait(false);
            }
        }

        return purged;
    }

    private Stretch ReadStretch(SqliteStatements statements, long after)
    {
        var (last, hasOld, bytes) = (after, false, 0L);
        List<long> delete = [];
        statements.QueryWhile(
            SelectNext,
            row =>
            {
                last = row.GetInt64(0);
                var isOld = row.GetInt64(1) != 0;
                hasOld |= isOld;
                if (isOld && row.GetInt64(2) != 0)
                {
                    delete.Add(last);
                    bytes += row.GetInt64(3);
                }

                return bytes < MaxBytes;
            },
            receivedBefore.UtcTicks,
            after,
            MaxPosts);
        return new Stretch(last, hasOld, delete);
    }

    /// <summary>The greatest id is remembered: were the newest posts deleted, their ids would be given again.</summary>
    private static int Delete(SqliteStatements statements, List<long> ids)
    {
        var delete = statements.Prepare(DeleteOne);
        var deleted = 0;
        foreach (var id in ids)
        {
            delete.Bind(1, id);
            deleted += delete.Run();
        }

        statements.Run(SetPurgedThrough, ids[^1]);
        return deleted;
    }

    private sealed record Stretch(long LastSeen, bool HasOld, List<long> ToDelete);
}
