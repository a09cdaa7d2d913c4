using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class SettlementDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Settlement, delivery, effect, delivery count kept, seconds until it is visible.</summary>
    public static TheoryData<Settlement, int, string, int, int> Table { get; } = new()
    {
        // Done, whichever delivery it was.
        { new Settlement.Complete(1), 1, "Remove", 1, 0 },
        { new Settlement.Complete(1), 10, "Remove", 10, 0 },

        // Given up, at the first delivery too.
        { new Settlement.GiveUp(1, "why"), 1, "DeadLetter", 1, 0 },

        // Abandoned: again at once or after the delay, until the last delivery.
        { new Settlement.Abandon(1, "why"), 1, "Redeliver", 1, 0 },
        { new Settlement.Abandon(1, "why", TimeSpan.FromSeconds(30)), 9, "Redeliver", 9, 30 },
        { new Settlement.Abandon(1, "why", TimeSpan.FromSeconds(-30)), 1, "Redeliver", 1, 0 },
        { new Settlement.Abandon(1, "why", TimeSpan.FromSeconds(30)), 10, "DeadLetter", 10, 0 },

        // Not to blame: never given up, and the delivery is forgotten.
        { new Settlement.Abandon(1, "why", IsCounted: false), 1, "Redeliver", 0, 0 },
        { new Settlement.Abandon(1, "why", TimeSpan.FromSeconds(30), IsCounted: false), 10, "Redeliver", 9, 30 },

        // Held with its session, until the last delivery.
        { new Settlement.Hold(1, "why", TimeSpan.FromSeconds(30)), 1, "HoldSession", 1, 30 },
        { new Settlement.Hold(1, "why", TimeSpan.FromSeconds(-30)), 9, "HoldSession", 9, 0 },
        { new Settlement.Hold(1, "why", TimeSpan.FromSeconds(30)), 10, "DeadLetter", 10, 0 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_settlement_decides_what_becomes_of_the_message(Settlement settlement, int delivery, string effect, int kept, int seconds)
    {
        var message = new ReceivedMessage(1, "s", "id", default, delivery, Now);

        var decision = SettlementDecision.Decide(settlement, message, Now);

        Assert.Equal(
            (effect, kept, Now.AddSeconds(seconds), settlement is Settlement.Complete ? "" : "why"),
            (decision.Effect.ToString(), decision.Message.DeliveryCount, decision.VisibleAt, decision.Reason));
    }
}
