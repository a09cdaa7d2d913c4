using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>The reference seed's cooldown of 30 minutes.</summary>
public sealed class SuppressionTests
{
    private static readonly DateTimeOffset Now = SampleAlert.Monday;

    [Theory]
    // The same alerts, paged for ten minutes ago: nobody is woken for another twenty.
    [InlineData(600, true, false, 1200)]
    // Paged for this instant.
    [InlineData(0, true, false, 1800)]
    // The cooldown's last second.
    [InlineData(1799, true, false, 1)]
    // Its end is outside it.
    [InlineData(1800, true, false, null)]
    // Never paged for: nothing to cool down from.
    [InlineData(null, true, false, null)]
    // Another alert is among them: somebody has to look.
    [InlineData(600, false, false, null)]
    // It is worse than it was.
    [InlineData(600, true, true, null)]
    public void A_page_is_held_back_inside_the_cooldown(int? pagedSecondsAgo, bool onlyKnown, bool rose, int? heldSeconds)
    {
        DateTimeOffset? paged = pagedSecondsAgo is { } ago ? Now.AddSeconds(-ago) : null;
        var expected = heldSeconds is { } held
            ? new SuppressionDecision(SuppressionReason.Cooldown, Now.AddSeconds(held))
            : SuppressionDecision.None;
        Assert.Equal(expected, Suppression.Decide(paged, onlyKnown, rose, Now, TimeSpan.FromMinutes(30)));
    }
}
