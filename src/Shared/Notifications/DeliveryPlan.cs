using Pipeline.Runtime;

namespace Pipeline.Notifications;

/// <summary>What one delivery of a message came to: the last of its attempts, or why there was none.</summary>
/// <param name="RetryAfter">How long to leave the far end alone; only with <see cref="DeliveryStatus.Retrying"/>.</param>
/// <param name="IsHeldBack">Nothing was tried, because the far end is being left alone on others' account.</param>
public sealed record DeliveryResult(DeliveryStatus Status, string Reason, TimeSpan? RetryAfter = null, bool IsHeldBack = false);

/// <summary>What to do with the message.</summary>
public enum DeliveryAction
{
    /// <summary>It is done: sent, or withheld for good.</summary>
    Complete,

    /// <summary>Back in the queue, behind the others, after the delay.</summary>
    RetryLater,

    /// <summary>The far end refused it for good.</summary>
    GiveUpRefused,

    /// <summary>It failed as often as a message may be delivered.</summary>
    GiveUpExhausted,
}

/// <param name="Delay">Before the next delivery.</param>
/// <param name="IsCounted">Whether this delivery brings the message nearer to being given up.</param>
public sealed record DeliveryDecision(DeliveryAction Action, DeliveryStatus Status, TimeSpan Delay = default, bool IsCounted = true);

/// <summary>Decides what follows from a delivery.</summary>
public static class DeliveryPlan
{
    /// <summary>A far end that asks for more than this is asked again after this; an operator may have mended it meanwhile.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>
    /// A notification held back on others' account isn't given up for it, until it is so old. From then on it counts like a failure,
    /// so that what a far end never takes becomes visible.
    /// </summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromHours(1);

    /// <summary>
    /// A page waits no longer between deliveries, so that it is out within a minute of its far end's recovery. So that it isn't given up
    /// earlier than other notifications, its deliveries from <see cref="FirstShortened"/> on count only once it is older than
    /// <see cref="PageHold"/>. It is given up after 24 minutes, as they are.
    /// </summary>
    public static readonly TimeSpan LongestWaitOfPage = TimeSpan.FromMinutes(1);

    private const int FirstShortened = 5;
    private static readonly TimeSpan PageHold = TimeSpan.FromMinutes(19);

    /// <summary>Waits between deliveries; the last one repeats. Ten deliveries span 24 minutes.</summary>
    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(15),
        TimeSpan.FromSeconds(30),
        TimeSpan.FromMinutes(1),
        TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(5),
    ];

    /// <summary>True for what must not be sent again. A failed one may: somebody retried its dead letter.</summary>
    public static bool IsSettled(DeliveryRecord? known) => known?.Status is DeliveryStatus.Sent or DeliveryStatus.Withheld;

    /// <param name="deliveryCount">1 at the first delivery.</param>
    /// <param name="age">Of the notification.</param>
    public static DeliveryDecision Decide(DeliveryResult result, NotificationPurpose purpose, int deliveryCount, TimeSpan age)
    {
        var isPage = purpose == NotificationPurpose.Page;
        var isCounted = result.IsHeldBack ? age >= LongestHold : !isPage || deliveryCount < FirstShortened || age >= PageHold;
        return result.Status switch
        {
            DeliveryStatus.Sent or DeliveryStatus.Withheld => new(DeliveryAction.Complete, result.Status),
            DeliveryStatus.Failed => new(DeliveryAction.GiveUpRefused, DeliveryStatus.Failed),
            _ when isCounted && deliveryCount >= QueueLimits.MaxDeliveries => new(DeliveryAction.GiveUpExhausted, DeliveryStatus.Failed),
            _ => new(DeliveryAction.RetryLater, DeliveryStatus.Retrying, DelayOf(result, isPage, deliveryCount), isCounted),
        };
    }

    // What is held back waits as long as it is held back: its own failures, which make the others longer, had no part in it.
    private static TimeSpan DelayOf(DeliveryResult result, bool isPage, int deliveryCount) =>
        result is { IsHeldBack: true, RetryAfter: { } held } && held <= LongestWait
            ? held
            : DelayAfter(deliveryCount, result.RetryAfter, isPage ? LongestWaitOfPage : LongestWait);

    private static TimeSpan DelayAfter(int deliveryCount, TimeSpan? asked, TimeSpan longest)
    {
        var own = Delays[Math.Clamp(deliveryCount - 1, 0, Delays.Length - 1)];
        var longer = asked > own ? asked.Value : own;
        return longer > longest ? longest : longer;
    }
}
