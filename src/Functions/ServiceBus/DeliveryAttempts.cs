using System.Globalization;
using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// Counts the deliveries that Service Bus doesn't: when a host dies its sessions end, and the service gives their messages out again as
/// if they had never been delivered. So a row says that a message is being handled, from before its handler sees it until it is settled
/// or given back; whoever finds a row of an earlier delivery knows that its process died. It is one insert and one delete a message.
/// </summary>
internal sealed class DeliveryAttempts(string queue, IEntityTable table)
{
    private string Partition => $"attempts|{queue}";

    /// <summary>Notes that handling begins.</summary>
    /// <returns>Earlier deliveries that were begun, never ended, and counted by nobody.</returns>
    /// <exception cref="StoreUnavailableException">The table can't be reached.</exception>
    public async Task<int> BeginAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        var row = Row(message);
        var begun = new Attempt(message.DeliveryCount, 0);
        if ((await table.CommitAsync(Partition, [new EntityWrite.Insert(row, PipelineJson.ToUtf8(begun))], cancellationToken).ConfigureAwait(false)).IsCommitted)
        {
            return 0;
        }

        // The session's lock keeps others from this row.
        if (await table.GetAsync<Attempt>(Partition, row, cancellationToken).ConfigureAwait(false) is { Value: var earlier })
        {
            begun = begun with { Missed = Missed(earlier, message.DeliveryCount) };
        }

        await table.CommitAsync(Partition, [new EntityWrite.Upsert(row, PipelineJson.ToUtf8(begun))], cancellationToken).ConfigureAwait(false);
        return begun.Missed;
    }

    /// <summary>
    /// Notes that handling ended, however it did. A row that stays because the table is away says nothing wrong: the message is settled
    /// and its number never comes again, or it comes again with a count that the service raised.
    /// </summary>
    public async Task EndAsync(ServiceBusReceivedMessage message)
    {
        try
        {
            await table.CommitAsync(Partition, [new EntityWrite.Delete(Row(message))], CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
        }
    }

    /// <summary>A delivery was missed where the service's own count is what it was at the earlier one.</summary>
    internal static int Missed(Attempt earlier, int deliveryCount) => earlier.DeliveryCount == deliveryCount ? earlier.Missed + 1 : earlier.Missed;

    private static string Row(ServiceBusReceivedMessage message) => message.SequenceNumber.ToString("D19", CultureInfo.InvariantCulture);

    /// <param name="DeliveryCount">The service's, at the latest delivery.</param>
    /// <param name="Missed">Deliveries before that one which nobody counted.</param>
    internal sealed record Attempt(int DeliveryCount, int Missed);
}
