namespace Pipeline.Notifications;

/// <summary>Keeps on the incident's timeline why a notification was sent, or why not.</summary>
public interface IDeliveryReceipts
{
    /// <summary>Called at least once for each state that a notification comes to; must be idempotent on <see cref="DeliveryReceipt.Key"/>.</summary>
    Task RecordAsync(DeliveryReceipt receipt, CancellationToken cancellationToken);
}

/// <param name="Reason">What the far end said, why it failed, or why it was withheld; in words for people.</param>
/// <param name="Attempts">Attempts that reached for the far end so far; 0 for a page withheld before the first.</param>
/// <param name="At">When it came to this state.</param>
public sealed record DeliveryReceipt(Notification Notification, DeliveryStatus Status, string Reason, int Attempts, DateTimeOffset At)
{
    /// <summary>
    /// The notification's key and its state: a page that is delayed and then sent has two receipts, however often each is repeated.
    /// </summary>
    public string Key => $"{Notification.Key}:{Status switch
    {
        DeliveryStatus.Sent => "sent",
        DeliveryStatus.Withheld => "withheld",
        DeliveryStatus.Retrying => "retrying",
        _ => "failed",
    }}";
}
