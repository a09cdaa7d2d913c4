namespace Pipeline.Runtime;

/// <summary>What a settlement does to the message.</summary>
internal enum SettlementEffect
{
    Remove,
    Redeliver,

    /// <summary>As <see cref="Redeliver"/>, and the session isn't handed out before.</summary>
    HoldSession,
    DeadLetter,
}

/// <param name="Message">With the deliveries that count so far.</param>
/// <param name="VisibleAt">When a redelivered message may be handed out again.</param>
/// <param name="Reason">Why it wasn't completed; empty for a completed one.</param>
internal sealed record SettlementDecision(ReceivedMessage Message, SettlementEffect Effect, DateTimeOffset VisibleAt, string Reason)
{
    public static SettlementDecision Decide(Settlement settlement, ReceivedMessage message, DateTimeOffset now) => settlement switch
    {
        Settlement.Complete => new(message, SettlementEffect.Remove, now, ""),
        Settlement.GiveUp giveUp => new(message, SettlementEffect.DeadLetter, now, giveUp.Reason),
        Settlement.Abandon { IsCounted: false } deferred =>
            new(message with { DeliveryCount = message.DeliveryCount - 1 }, SettlementEffect.Redeliver, After(deferred.Delay, now), deferred.Reason),
        Settlement.Hold hold when message.DeliveryCount >= QueueLimits.MaxDeliveries => new(message, SettlementEffect.DeadLetter, now, hold.Reason),
        Settlement.Hold hold => new(message, SettlementEffect.HoldSession, After(hold.Delay, now), hold.Reason),
        Settlement.Abandon abandon when message.DeliveryCount >= QueueLimits.MaxDeliveries =>
            new(message, SettlementEffect.DeadLetter, now, abandon.Reason),
        Settlement.Abandon abandon =>
            new(message, SettlementEffect.Redeliver, After(abandon.Delay, now), abandon.Reason),
        _ => throw new ArgumentException($"{settlement.GetType().Name} is no settlement this program knows.", nameof(settlement)),
    };

    private static DateTimeOffset After(TimeSpan delay, DateTimeOffset now) => delay > TimeSpan.Zero ? now + delay : now;
}
