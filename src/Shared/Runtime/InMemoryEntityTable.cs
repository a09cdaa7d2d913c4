using System.Globalization;

namespace Pipeline.Runtime;

/// <summary>Entities in this process only: for tests, drills and trying out.</summary>
internal sealed class InMemoryEntityTable : IEntityTable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SortedList<string, Entity>> partitions = new(StringComparer.Ordinal);
    private long lastETag;

    public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckKey(partitionKey, nameof(partitionKey));
        EntityLimits.CheckKey(rowKey, nameof(rowKey));
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(partitions.GetValueOrDefault(partitionKey)?.GetValueOrDefault(rowKey));
        }
    }

    public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckKey(partitionKey, nameof(partitionKey));
        EntityLimits.CheckRange(range);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            IReadOnlyList<Entity> found = partitions.TryGetValue(partitionKey, out var rows) ? Take(rows, range) : [];
            return Task.FromResult(found);
        }
    }

    public Task<CommitOutcome> CommitAsync(string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckBatch(partitionKey, writes);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var rows = partitions.GetValueOrDefault(partitionKey) ?? new SortedList<string, Entity>(StringComparer.Ordinal);
            for (var i = 0; i < writes.Count; i++)
            {
                var status = EntityPreconditions.Check(writes[i], rows.GetValueOrDefault(writes[i].RowKey)?.ETag);
                if (status != CommitStatus.Committed)
                {
                    return Task.FromResult(CommitOutcome.Failed(status, i));
                }
            }

            var etags = writes.Select(write => Apply(partitionKey, rows, write)).ToArray();
            if (rows.Count == 0)
            {
                partitions.Remove(partitionKey);
            }
            else
            {
                partitions[partitionKey] = rows;
            }

            return Task.FromResult(CommitOutcome.Committed(etags));
        }
    }

    private string Apply(string partitionKey, SortedList<string, Entity> rows, EntityWrite write)
    {
        if (write.Content is not { } document)
        {
            rows.Remove(write.RowKey);
            return "";
        }

        lastETag++;
        var etag = lastETag.ToString(CultureInfo.InvariantCulture);
        rows[write.RowKey] = new Entity(partitionKey, write.RowKey, document.ToArray(), etag);
        return etag;
    }

    private static List<Entity> Take(SortedList<string, Entity> rows, RowKeyRange range)
    {
        var found = new List<Entity>();
        for (var i = FirstNotBefore(rows.Keys, range); i < rows.Count && found.Count < range.Take; i++)
        {
            if (range.Before is not null && string.CompareOrdinal(rows.Keys[i], range.Before) >= 0)
            {
                break;
            }

            found.Add(rows.Values[i]);
        }

        return found;
    }

    private static int FirstNotBefore(IList<string> keys, RowKeyRange range)
    {
        var (low, high) = (0, keys.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var isBefore = (range.From is not null && string.CompareOrdinal(keys[middle], range.From) < 0)
                || (range.After is not null && string.CompareOrdinal(keys[middle], range.After) <= 0);
            (low, high) = isBefore ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
