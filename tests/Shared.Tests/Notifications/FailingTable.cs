using System.Collections.Concurrent;
using Pipeline.Runtime;

namespace Pipeline.Shared.Tests.Notifications;

/// <summary>A table whose writes fail when told to, as if the disk were full for a moment.</summary>
internal sealed class FailingTable(IEntityTable inner) : IEntityTable
{
    public int FailWrites { get; set; }

    /// <summary>The first row key of each range that was read.</summary>
    public ConcurrentQueue<string?> QueriedFrom { get; } = new();

    public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default) =>
        inner.GetAsync(partitionKey, rowKey, cancellationToken);

    public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default)
    {
        QueriedFrom.Enqueue(range.From);
        return inner.QueryAsync(partitionKey, range, cancellationToken);
    }

    public Task<CommitOutcome> CommitAsync(string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
    {
        if (FailWrites > 0)
        {
            FailWrites--;
            throw new StoreUnavailableException("the test said so");
        }

        return inner.CommitAsync(partitionKey, writes, cancellationToken);
    }
}
