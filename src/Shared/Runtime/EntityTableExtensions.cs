using System.Runtime.CompilerServices;

namespace Pipeline.Runtime;

/// <summary>A value as it was read, with what is needed to replace it.</summary>
public sealed record Stored<T>(T Value, string RowKey, string ETag);

/// <summary>Typed reads over <see cref="IEntityTable"/>.</summary>
public static class EntityTableExtensions
{
    public static async Task<Stored<T>?> GetAsync<T>(
        this IEntityTable table, string partitionKey, string rowKey, CancellationToken cancellationToken = default)
    {
        var entity = await table.GetAsync(partitionKey, rowKey, cancellationToken).ConfigureAwait(false);
        return entity is null ? null : Read<T>(entity);
    }

    public static async Task<IReadOnlyList<Stored<T>>> QueryAsync<T>(
        this IEntityTable table, string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default)
    {
        var entities = await table.QueryAsync(partitionKey, range, cancellationToken).ConfigureAwait(false);
        return [.. entities.Select(Read<T>)];
    }

    /// <summary>All rows of the range, page by page.</summary>
    /// <param name="range">Its <see cref="RowKeyRange.Take"/> is the size of a page: rows in memory at once.</param>
    public static async IAsyncEnumerable<Stored<T>> ScanAsync<T>(
        this IEntityTable table, string partitionKey, RowKeyRange range, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = range;
        while (true)
        {
            var page = await table.QueryAsync(partitionKey, next, cancellationToken).ConfigureAwait(false);
            foreach (var entity in page)
            {
                yield return Read<T>(entity);
            }

            if (page.Count < range.Take)
            {
                yield break;
            }

            next = next with { After = page[^1].RowKey };
        }
    }

    private static Stored<T> Read<T>(Entity entity) => new(PipelineJson.FromUtf8<T>(entity.Document.Span), entity.RowKey, entity.ETag);
}
