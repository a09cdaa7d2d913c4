using System.Collections.Concurrent;

namespace Pipeline.Notifications;

/// <summary>Keeps log and receipts in step with what happened, also when one of them can't be written for a while.</summary>
internal sealed class DeliveryRecorder(DeliveryLog log, IDeliveryReceipts receipts, TimeProvider timeProvider)
{
    // What the far end took while the log could not be written; a redelivery then only makes up for the record.
    private readonly ConcurrentDictionary<string, DeliveryRecord> sentButUnrecorded = new(StringComparer.Ordinal);

    /// <summary>What is known of the notification, or null.</summary>
    public async Task<DeliveryRecord?> FindAsync(Notification notification, CancellationToken cancellationToken)
    {
        if (!sentButUnrecorded.TryGetValue(notification.Key, out var sent))
        {
            return await log.FindAsync(notification, cancellationToken).ConfigureAwait(false);
        }

        await log.WriteAsync(sent, cancellationToken).ConfigureAwait(false);
        sentButUnrecorded.TryRemove(notification.Key, out _);
        return sent;
    }

    /// <summary>
    /// Records, before the first attempt, that the far end is about to be reached. There is no receipt: nothing has come of it yet.
    /// </summary>
    public Task NoteReachAsync(Notification notification, CancellationToken cancellationToken) => log.WriteAsync(
        RecordOf(notification, DeliveryStatus.Retrying, "The first attempt is under way.", attempts: 1), cancellationToken);

    /// <param name="attempts">Over all deliveries.</param>
    public async Task<DeliveryRecord> KeepAsync(
        Notification notification, DeliveryStatus status, string reason, int attempts, CancellationToken cancellationToken)
    {
        var record = RecordOf(notification, status, reason, attempts);
        if (status == DeliveryStatus.Sent)
        {
            sentButUnrecorded[notification.Key] = record;
        }

        await log.WriteAsync(record, cancellationToken).ConfigureAwait(false);
        sentButUnrecorded.TryRemove(notification.Key, out _);
        await EnsureReceiptAsync(notification, record, cancellationToken).ConfigureAwait(false);
        return record;
    }

    /// <summary>Gives the receipt of the record's state, again where it was given before.</summary>
    public Task EnsureReceiptAsync(Notification notification, DeliveryRecord record, CancellationToken cancellationToken) =>
        receipts.RecordAsync(
            new DeliveryReceipt(notification, record.Status, record.Reason, record.Attempts, record.UpdatedAt), cancellationToken);

    private DeliveryRecord RecordOf(Notification notification, DeliveryStatus status, string reason, int attempts) => new()
    {
        Key = notification.Key,
        Channel = notification.Channel,
        Purpose = notification.Purpose,
        PersonId = notification.PersonId,
        IncidentId = notification.IncidentId,
        Title = notification.Title,
        Status = status,
        Attempts = attempts,
        Reason = reason,
        CreatedAt = notification.CreatedAt,
        UpdatedAt = timeProvider.GetUtcNow(),
    };
}
