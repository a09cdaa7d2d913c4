using Pipeline.Runtime;

namespace Pipeline.Shared.Tests.Walks;

/// <summary>A store whose writes fail now and then, some of them after they were made.</summary>
/// <param name="percent">Chance that a write fails before it is made, and the same that it fails after.</param>
internal sealed class FlakyTable(IEntityTable inner, Random random, int percent) : IEntityTable
{
    /// <summary>While it is so nothing fails.</summary>
    public bool IsCalm { get; set; }

    public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default) =>
        inner.GetAsync(partitionKey, rowKey, cancellationToken);

    public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default) =>
        inner.QueryAsync(partitionKey, range, cancellationToken);

    public async Task<CommitOutcome> CommitAsync(
        string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
    {
        if (Fails())
        {
            throw new StoreUnavailableException("The write was not made.");
        }

        var outcome = await inner.CommitAsync(partitionKey, writes, cancellationToken);
        return Fails() ? throw new StoreUnavailableException("The write was made, and its answer was lost.") : outcome;
    }

    private bool Fails() => !IsCalm && random.Next(100) < percent;
}
