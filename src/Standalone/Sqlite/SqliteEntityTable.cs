using System.Globalization;
using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>Entities in the database file; an ETag is a number that the file never gave before.</summary>
internal sealed class SqliteEntityTable(SqliteDatabase database) : IEntityTable
{
    private const string SelectOne = "SELECT row_key, etag, document FROM entities WHERE partition_key = $1 AND row_key = $2";
    private const string SelectETag = "SELECT etag FROM entities WHERE partition_key = $1 AND row_key = $2";
    private const string DeleteOne = "DELETE FROM entities WHERE partition_key = $1 AND row_key = $2";

    private const string UpsertOne =
        "INSERT INTO entities (partition_key, row_key, etag, document) VALUES ($1, $2, $3, $4) " +
        "ON CONFLICT (partition_key, row_key) DO UPDATE SET etag = excluded.etag, document = excluded.document";

    private const string SelectFrom =
        "SELECT row_key, etag, document FROM entities WHERE partition_key = $1 AND row_key >= $2 AND row_key < $3 ORDER BY row_key LIMIT $4";

    private const string SelectAfter =
        "SELECT row_key, etag, document FROM entities WHERE partition_key = $1 AND row_key > $2 AND row_key < $3 ORDER BY row_key LIMIT $4";

    // In SQLite's order every blob comes after every text.
    private static readonly byte[] AfterEveryText = [];

    public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckKey(partitionKey, nameof(partitionKey));
        EntityLimits.CheckKey(rowKey, nameof(rowKey));
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(database.Read(statements =>
            statements.Query(SelectOne, row => ReadEntity(partitionKey, row), partitionKey, rowKey).SingleOrDefault()));
    }

    public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckKey(partitionKey, nameof(partitionKey));
        EntityLimits.CheckRange(range);
        cancellationToken.ThrowIfCancellationRequested();
        var isAfter = range.After is not null && string.CompareOrdinal(range.After, range.From) >= 0;
        var (sql, first) = isAfter ? (SelectAfter, range.After) : (SelectFrom, range.From ?? "");
        return Task.FromResult(database.Read<IReadOnlyList<Entity>>(statements =>
            statements.Query(sql, row => ReadEntity(partitionKey, row), partitionKey, first, (object?)range.Before ?? AfterEveryText, range.Take)));
    }

    public Task<CommitOutcome> CommitAsync(string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckBatch(partitionKey, writes);
        cancellationToken.ThrowIfCancellationRequested();
        return database.WriteAsync(statements => Commit(statements, partitionKey, writes));
    }

    /// <summary>All are checked before the first is written: each is to a row of its own, so none changes another's answer.</summary>
    private CommitOutcome Commit(SqliteStatements statements, string partitionKey, IReadOnlyList<EntityWrite> writes)
    {
        for (var i = 0; i < writes.Count; i++)
        {
            var status = EntityPreconditions.Check(writes[i], CurrentETag(statements, partitionKey, writes[i].RowKey));
            if (status != CommitStatus.Committed)
            {
                return CommitOutcome.Failed(status, i);
            }
        }

        var etags = new string[writes.Count];
        for (var i = 0; i < writes.Count; i++)
        {
            etags[i] = Write(statements, partitionKey, writes[i]);
        }

        return CommitOutcome.Committed(etags);
    }

    private string Write(SqliteStatements statements, string partitionKey, EntityWrite write)
    {
        if (write.Content is not { } document)
        {
            statements.Run(DeleteOne, partitionKey, write.RowKey);
            return "";
        }

        var etag = database.NextNumber();
        var upsert = statements.Prepare(UpsertOne);
        upsert.Bind(1, partitionKey);
        upsert.Bind(2, write.RowKey);
        upsert.Bind(3, etag);
        upsert.Bind(4, document.Span);
        upsert.Run();
        return Text(etag);
    }

    private static string? CurrentETag(SqliteStatements statements, string partitionKey, string rowKey) =>
        statements.Scalar(SelectETag, partitionKey, rowKey) is long etag ? Text(etag) : null;

    private static Entity ReadEntity(string partitionKey, SqliteRow row) =>
        new(partitionKey, row.GetString(0), row.GetBytes(2), Text(row.GetInt64(1)));

    private static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);
}
