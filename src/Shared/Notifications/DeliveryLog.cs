using Pipeline.Runtime;

namespace Pipeline.Notifications;

public enum DeliveryStatus
{
    /// <summary>The far end took it.</summary>
    Sent,

    /// <summary>A page that was no longer wanted.</summary>
    Withheld,

    /// <summary>Failed so far; it will be tried again.</summary>
    Retrying,

    /// <summary>Given up; it stands among the dead letters and can be retried from there.</summary>
    Failed,
}

/// <summary>The last known state of one notification.</summary>
public sealed record DeliveryRecord
{
    public required string Key { get; init; }

    public required string Channel { get; init; }

    public required NotificationPurpose Purpose { get; init; }

    public string? PersonId { get; init; }

    public string? IncidentId { get; init; }

    public required string Title { get; init; }

    public required DeliveryStatus Status { get; init; }

    /// <summary>Attempts that reached for the far end, over all deliveries.</summary>
    public required int Attempts { get; init; }

    /// <summary>What the far end said, why it failed, or why it was withheld.</summary>
    public required string Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When <see cref="Status"/> was reached or confirmed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What became of every notification, by incident. The dispatcher reads it so that what was sent isn't sent again.</summary>
internal sealed class DeliveryLog(IEntityTable table)
{
    public async Task<DeliveryRecord?> FindAsync(Notification notification, CancellationToken cancellationToken)
    {
        var stored = await table.GetAsync<DeliveryRecord>(
            PartitionOf(notification.IncidentId), NotificationKey.MessageIdOf(notification.Key), cancellationToken).ConfigureAwait(false);
        return stored?.Value;
    }

    /// <summary>Overwrites: a session is handled by one receiver at a time, so a notification has one writer.</summary>
    public Task WriteAsync(DeliveryRecord record, CancellationToken cancellationToken) =>
        table.CommitAsync(
            PartitionOf(record.IncidentId),
            [new EntityWrite.Upsert(NotificationKey.MessageIdOf(record.Key), PipelineJson.ToUtf8(record))],
            cancellationToken);

    /// <summary>Oldest first.</summary>
    /// <param name="incidentId">Null for notifications that belong to no incident.</param>
    public async Task<IReadOnlyList<DeliveryRecord>> ListAsync(string? incidentId, CancellationToken cancellationToken)
    {
        var records = new List<DeliveryRecord>();
        await foreach (var stored in table.ScanAsync<DeliveryRecord>(PartitionOf(incidentId), RowKeyRange.All, cancellationToken).ConfigureAwait(false))
        {
            records.Add(stored.Value);
        }

        return [.. records.OrderBy(record => record.CreatedAt).ThenBy(record => record.Key, StringComparer.Ordinal)];
    }

    private static string PartitionOf(string? incidentId) => $"deliveries|{(incidentId is null ? "none" : EntityLimits.EscapeKey(incidentId))}";
}
