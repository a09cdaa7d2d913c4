using Pipeline.Notifications;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

public sealed class DeliveryPlanTests
{
    [Theory]
    // Taken: done.
    [InlineData(DeliveryStatus.Sent, 1, null, DeliveryAction.Complete, DeliveryStatus.Sent, 0)]
    // No longer wanted: done as well.
    [InlineData(DeliveryStatus.Withheld, 1, null, DeliveryAction.Complete, DeliveryStatus.Withheld, 0)]
    // Taken at the very last delivery still counts.
    [InlineData(DeliveryStatus.Sent, 10, null, DeliveryAction.Complete, DeliveryStatus.Sent, 0)]
    // Refused: no second try.
    [InlineData(DeliveryStatus.Failed, 1, null, DeliveryAction.GiveUpRefused, DeliveryStatus.Failed, 0)]
    // Each failed delivery waits longer than the one before …
    [InlineData(DeliveryStatus.Retrying, 1, null, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 5)]
    [InlineData(DeliveryStatus.Retrying, 2, null, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 15)]
    [InlineData(DeliveryStatus.Retrying, 3, null, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 30)]
    [InlineData(DeliveryStatus.Retrying, 4, null, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 60)]
    [InlineData(DeliveryStatus.Retrying, 5, null, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 120)]
    [InlineData(DeliveryStatus.Retrying, 6, null, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 300)]
    // … up to five minutes.
    [InlineData(DeliveryStatus.Retrying, 9, null, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 300)]
    // The tenth was the last.
    [InlineData(DeliveryStatus.Retrying, 10, null, DeliveryAction.GiveUpExhausted, DeliveryStatus.Failed, 0)]
    // The far end asked for more than our own wait: it gets it.
    [InlineData(DeliveryStatus.Retrying, 1, 90, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 90)]
    // It asked for less: our own wait holds.
    [InlineData(DeliveryStatus.Retrying, 4, 1, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 60)]
    // It asked for a day: an hour is enough.
    [InlineData(DeliveryStatus.Retrying, 1, 86_400, DeliveryAction.RetryLater, DeliveryStatus.Retrying, 3600)]
    public void A_delivery_is_followed_by(
        DeliveryStatus status, int deliveryCount, int? retryAfterSeconds, DeliveryAction action, DeliveryStatus becomes, int delaySeconds)
    {
        TimeSpan? retryAfter = retryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

        var decision = DeliveryPlan.Decide(
            new DeliveryResult(status, "reason", retryAfter), NotificationPurpose.StakeholderUpdate, deliveryCount, age: TimeSpan.Zero);

        Assert.Equal(new DeliveryDecision(action, becomes, TimeSpan.FromSeconds(delaySeconds)), decision);
    }

    [Theory]
    // Held back on others' account: it costs nothing.
    [InlineData(true, 1, 0, DeliveryAction.RetryLater, false)]
    // Not even at the last delivery.
    [InlineData(true, 10, 59, DeliveryAction.RetryLater, false)]
    // After an hour it counts …
    [InlineData(true, 1, 60, DeliveryAction.RetryLater, true)]
    // … and ends.
    [InlineData(true, 10, 60, DeliveryAction.GiveUpExhausted, true)]
    // A failure of its own always counts.
    [InlineData(false, 1, 0, DeliveryAction.RetryLater, true)]
    public void Being_held_back_is_followed_by(bool isHeldBack, int deliveryCount, int ageMinutes, DeliveryAction action, bool isCounted)
    {
        var result = new DeliveryResult(DeliveryStatus.Retrying, "reason", TimeSpan.FromSeconds(30), isHeldBack);

        var decision = DeliveryPlan.Decide(result, NotificationPurpose.Page, deliveryCount, TimeSpan.FromMinutes(ageMinutes));

        Assert.Equal((action, isCounted), (decision.Action, decision.IsCounted));
        Assert.Equal(action == DeliveryAction.RetryLater ? TimeSpan.FromSeconds(30) : TimeSpan.Zero, decision.Delay);
    }

    [Theory]
    // A page waits as others do at first, and each delivery counts …
    [InlineData(1, 0, DeliveryAction.RetryLater, 5, true)]
    [InlineData(4, 2, DeliveryAction.RetryLater, 60, true)]
    // … later a minute at most, and what comes so often doesn't count …
    [InlineData(5, 3, DeliveryAction.RetryLater, 60, false)]
    [InlineData(5, 18, DeliveryAction.RetryLater, 60, false)]
    // … until it is old enough.
    [InlineData(5, 19, DeliveryAction.RetryLater, 60, true)]
    [InlineData(9, 23, DeliveryAction.RetryLater, 60, true)]
    // It is given up when others are.
    [InlineData(10, 24, DeliveryAction.GiveUpExhausted, 0, true)]
    public void R1_A_failed_page_is_tried_every_minute(int deliveryCount, int ageMinutes, DeliveryAction action, int delaySeconds, bool isCounted)
    {
        var result = new DeliveryResult(DeliveryStatus.Retrying, "reason");

        var decision = DeliveryPlan.Decide(result, NotificationPurpose.Page, deliveryCount, TimeSpan.FromMinutes(ageMinutes));

        Assert.Equal((action, TimeSpan.FromSeconds(delaySeconds), isCounted), (decision.Action, decision.Delay, decision.IsCounted));
    }
}
