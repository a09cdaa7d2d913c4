namespace Pipeline.Runtime;

/// <summary>
/// Documents by (partition key, row key), each with an ETag. Promises what Azure Table Storage can do and no more,
/// so that one program runs on every adapter; <see cref="EntityLimits"/> holds the numbers.
/// </summary>
public interface IEntityTable
{
    /// <summary>The entity, or null where there is none.</summary>
    Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default);

    /// <summary>
    /// Entities of one partition in ordinal order of their row keys (UTF-16 code units), at most <see cref="RowKeyRange.Take"/> of them.
    /// A caller that wants more asks again with <see cref="RowKeyRange.After"/> set to the last row key it saw.
    /// </summary>
    Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default);

    /// <summary>
    /// Applies all writes to one partition, or none. At most <see cref="EntityLimits.MaxBatch"/> writes, each to another row key.
    /// A lost race is an outcome, not an exception; an unreachable store throws <see cref="StoreUnavailableException"/>.
    /// A document's memory is the caller's again when the task completes.
    /// </summary>
    /// <exception cref="ArgumentException">The batch breaks one of the <see cref="EntityLimits"/>.</exception>
    Task<CommitOutcome> CommitAsync(string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default);
}

/// <param name="Document">UTF-8 JSON, at most <see cref="EntityLimits.MaxDocumentBytes"/>.</param>
/// <param name="ETag">Opaque; another value after every write, also after delete and insert.</param>
public sealed record Entity(string PartitionKey, string RowKey, ReadOnlyMemory<byte> Document, string ETag);

/// <summary>Which rows of a partition to read. The default is the first <see cref="DefaultTake"/> rows.</summary>
public readonly record struct RowKeyRange
{
    public const int DefaultTake = 1000;

    public RowKeyRange()
    {
    }

    /// <summary>First row key, inclusive.</summary>
    public string? From { get; init; }

    /// <summary>Only row keys greater than this one.</summary>
    public string? After { get; init; }

    /// <summary>Only row keys less than this one.</summary>
    public string? Before { get; init; }

    /// <summary>1 to 1000, the page size of Azure Table Storage.</summary>
    public int Take { get; init; } = DefaultTake;

    public static RowKeyRange All => new();

    /// <summary>All row keys that start with <paramref name="prefix"/>.</summary>
    public static RowKeyRange StartingWith(string prefix) => new() { From = prefix, Before = prefix + "\uffff" };
}

/// <summary>One write of a batch.</summary>
public abstract record EntityWrite(string RowKey)
{
    /// <summary>The document written; null for a delete.</summary>
    internal virtual ReadOnlyMemory<byte>? Content => null;

    /// <summary>Fails with <see cref="CommitStatus.Conflict"/> where the row exists.</summary>
    public sealed record Insert(string RowKey, ReadOnlyMemory<byte> Document) : EntityWrite(RowKey)
    {
        internal override ReadOnlyMemory<byte>? Content => Document;
    }

    /// <summary>Fails with <see cref="CommitStatus.NotFound"/> or <see cref="CommitStatus.PreconditionFailed"/>.</summary>
    public sealed record Replace(string RowKey, ReadOnlyMemory<byte> Document, string ETag) : EntityWrite(RowKey)
    {
        internal override ReadOnlyMemory<byte>? Content => Document;
    }

    /// <summary>Inserts or overwrites, whatever is there.</summary>
    public sealed record Upsert(string RowKey, ReadOnlyMemory<byte> Document) : EntityWrite(RowKey)
    {
        internal override ReadOnlyMemory<byte>? Content => Document;
    }

    /// <summary>Fails with <see cref="CommitStatus.NotFound"/>; with an ETag also with <see cref="CommitStatus.PreconditionFailed"/>.</summary>
    public sealed record Delete(string RowKey, string? ETag = null) : EntityWrite(RowKey);
}

public enum CommitStatus
{
    Committed,

    /// <summary>An insert found its row taken.</summary>
    Conflict,

    /// <summary>The row has another ETag: somebody else wrote it since.</summary>
    PreconditionFailed,

    /// <summary>A replace or delete found no row.</summary>
    NotFound,
}

/// <param name="FailedIndex">Index of the write that failed the batch, or -1.</param>
/// <param name="ETags">The new ETag of each write in order (empty string for a delete); empty unless committed.</param>
public sealed record CommitOutcome(CommitStatus Status, int FailedIndex, IReadOnlyList<string> ETags)
{
    public bool IsCommitted => Status == CommitStatus.Committed;

    public static CommitOutcome Committed(IReadOnlyList<string> etags) => new(CommitStatus.Committed, -1, etags);

    public static CommitOutcome Failed(CommitStatus status, int index) => new(status, index, []);
}
