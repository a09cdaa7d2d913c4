using System.Globalization;
using System.Security.Cryptography;
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
    public async Task<int> BeginAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var begun = new Attempt(delivery.Count, 0, delivery.Id);
        var insert = new EntityWrite.Insert(delivery.Row, PipelineJson.ToUtf8(begun));
        var outcome = await table.CommitAsync(Partition, [insert], cancellationToken).ConfigureAwait(false);
        if (!outcome.IsCommitted)
        {
            // The session's lock keeps others from this row, but for who lost it and doesn't know yet.
            if (await table.GetAsync<Attempt>(Partition, delivery.Row, cancellationToken).ConfigureAwait(false) is { Value: var earlier })
            {
                begun = begun with { Missed = Missed(earlier, delivery.Count) };
            }

            var upsert = new EntityWrite.Upsert(delivery.Row, PipelineJson.ToUtf8(begun));
            outcome = await table.CommitAsync(Partition, [upsert], cancellationToken).ConfigureAwait(false);
        }

        delivery.ETag = outcome.ETags[0];
        return begun.Missed;
    }

    /// <summary>
    /// Notes that handling ended, however it did, and leaves the row of a later delivery alone: that may have begun where this one lost its
    /// session. A row that stays because the table is away says nothing wrong: the message is settled and its number never comes again, or
    /// it comes again with a count that the service raised.
    /// </summary>
    public async Task EndAsync(Delivery delivery)
    {
        try
        {
            if ((delivery.ETag ?? await OwnETagAsync(delivery).ConfigureAwait(false)) is { } etag)
            {
                await table.CommitAsync(Partition, [new EntityWrite.Delete(delivery.Row, etag)], CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (StoreUnavailableException)
        {
        }
    }

    // The row may have been written and the answer lost.
    private async Task<string?> OwnETagAsync(Delivery delivery) =>
        await table.GetAsync<Attempt>(Partition, delivery.Row, CancellationToken.None).ConfigureAwait(false) is { } found && found.Value.Id == delivery.Id
            ? found.ETag
            : null;

    /// <summary>A delivery was missed where the service's own count is what it was at the earlier one.</summary>
    internal static int Missed(Attempt earlier, int deliveryCount) => earlier.DeliveryCount == deliveryCount ? earlier.Missed + 1 : earlier.Missed;

    /// <summary>A delivery in hand, and what its row is known by.</summary>
    internal sealed class Delivery(ServiceBusReceivedMessage message)
    {
        public string Row { get; } = message.SequenceNumber.ToString("D19", CultureInfo.InvariantCulture);

        public int Count { get; } = message.DeliveryCount;

        public string Id { get; } = RandomNumberGenerator.GetHexString(32);

        /// <summary>Null until its row is known to be written.</summary>
        public string? ETag { get; set; }
    }

    /// <param name="DeliveryCount">The service's, at the latest delivery.</param>
    /// <param name="Missed">Deliveries before that one which nobody counted.</param>
    /// <param name="Id">By chance, of that delivery.</param>
    internal sealed record Attempt(int DeliveryCount, int Missed, string Id = "");
}
