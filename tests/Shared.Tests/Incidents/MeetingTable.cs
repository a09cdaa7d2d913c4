using Pipeline.Runtime;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Does something else just before the next write of a partition.</summary>
internal sealed class MeetingTable(IEntityTable inner) : IEntityTable
{
    public (string Partition, Func<Task> Do)? BeforeWriteOf { get; set; }

    public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default) =>
        inner.GetAsync(partitionKey, rowKey, cancellationToken);

    public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default) =>
        inner.QueryAsync(partitionKey, range, cancellationToken);

    public async Task<CommitOutcome> CommitAsync(
        string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
    {
        if (BeforeWriteOf is var (partition, act) && partition == partitionKey)
        {
            BeforeWriteOf = null;
            await act();
        }

        return await inner.CommitAsync(partitionKey, writes, cancellationToken);
    }
}
