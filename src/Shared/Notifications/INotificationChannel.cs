namespace Pipeline.Notifications;

/// <summary>A way to a person or a room: one attempt to carry one notification there.</summary>
public interface INotificationChannel
{
    /// <summary>
    /// Tries once; <see cref="NotificationDispatcher"/> repeats. Can be called again with the same <see cref="Notification.Key"/> after an attempt that seemed to fail,
    /// so the key goes along where the far end can use it. No outcome may carry a secret.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when the attempt has lasted too long; it must then end soon with <see cref="OperationCanceledException"/>.</param>
    Task<DeliveryOutcome> SendAsync(Notification notification, CancellationToken cancellationToken);
}

/// <summary>What became of one attempt.</summary>
public abstract record DeliveryOutcome
{
    private DeliveryOutcome()
    {
    }

    /// <param name="Detail">What the far end said, e.g. <c>hooks.example.com answered 202</c>.</param>
    public sealed record Sent(string Detail) : DeliveryOutcome;

    /// <param name="RetryAfter">How long the far end asked to be left alone; null where it said nothing.</param>
    public sealed record Retryable(string Reason, TimeSpan? RetryAfter = null) : DeliveryOutcome;

    /// <summary>The same again would fail again.</summary>
    public sealed record Permanent(string Reason) : DeliveryOutcome;
}
