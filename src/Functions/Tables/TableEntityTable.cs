using Azure;
using Azure.Data.Tables;
using Pipeline.Runtime;

namespace Pipeline.Functions.Tables;

/// <summary>
/// Entities in a table of a storage account. The table need not exist: until the first write makes it, there is nothing to read.
/// So no start depends on the account being there, and no request is spent on asking.
/// </summary>
internal sealed class TableEntityTable(TableClient table) : IEntityTable
{
    public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckKey(partitionKey, nameof(partitionKey));
        EntityLimits.CheckKey(rowKey, nameof(rowKey));
        return TableFailures.RunAsync($"read '{rowKey}' of '{partitionKey}'", ReadAsync, cancellationToken);

        async Task<Entity?> ReadAsync()
        {
            var found = await table.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
            return found.HasValue ? ReadEntity(found.Value!) : null;
        }
    }

    public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckKey(partitionKey, nameof(partitionKey));
        EntityLimits.CheckRange(range);
        return TableFailures.RunAsync($"query '{partitionKey}'", ReadAsync, cancellationToken);

        async Task<IReadOnlyList<Entity>> ReadAsync()
        {
            var found = new List<Entity>();
            try
            {
                // A page of the service may end before Take, by its size or its time; the client then asks for the next.
                await foreach (var entity in table.QueryAsync<TableEntity>(RowKeyFilter.For(partitionKey, range), range.Take, cancellationToken: cancellationToken).ConfigureAwait(false))
                {
                    found.Add(ReadEntity(entity));
                    if (found.Count == range.Take)
                    {
                        break;
                    }
                }
            }
            catch (RequestFailedException none) when (TableFailures.IsTableMissing(none))
            {
                // Nothing was ever written.
            }

            return found;
        }
    }

    public Task<CommitOutcome> CommitAsync(string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
    {
        EntityLimits.CheckBatch(partitionKey, writes);
        var actions = writes.Select(write => TableActions.For(partitionKey, write)).ToList();
        return TableFailures.RunAsync($"write {writes.Count} row(s) of '{partitionKey}'", SubmitOrCreateAsync, cancellationToken);

        async Task<CommitOutcome> SubmitOrCreateAsync()
        {
            try
            {
                return await SubmitAsync(actions, cancellationToken).ConfigureAwait(false);
            }
            catch (RequestFailedException none) when (TableFailures.IsTableMissing(none))
            {
                await table.CreateIfNotExistsAsync(cancellationToken).ConfigureAwait(false);
                return await SubmitAsync(actions, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Always a transaction, also of one write: it costs the same, and every outcome has one form.</summary>
    private async Task<CommitOutcome> SubmitAsync(List<TableTransactionAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            var answers = await table.SubmitTransactionAsync(actions, cancellationToken).ConfigureAwait(false);
            return CommitOutcome.Committed([.. answers.Value.Select(answer => answer.Headers.ETag?.ToString() ?? "")]);
        }
        catch (TableTransactionFailedException failed) when (TableFailures.OutcomeOf(failed, actions.Count) is { } outcome)
        {
            return outcome;
        }
    }

    private static Entity ReadEntity(TableEntity entity) =>
        new(entity.PartitionKey, entity.RowKey, DocumentProperties.Read(entity), entity.ETag.ToString());
}
