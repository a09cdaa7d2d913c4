using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>The reference seed's cooldown of 30 minutes.</summary>
public sealed class SuppressionTests
{
    private static readonly DateTimeOffset Now = SampleAlert.Monday;
    private static readonly TimeSpan Cooldown = TimeSpan.FromMinutes(30);

    [Theory]
    // Paged for ten minutes ago: nobody is woken for another twenty.
    [InlineData(600, Severity.Sev2, false, SuppressionReason.Cooldown, 1200)]
    // Paged for this instant.
    [InlineData(0, Severity.Sev2, false, SuppressionReason.Cooldown, 1800)]
    // Milder than what was paged for.
    [InlineData(600, Severity.Sev3, false, SuppressionReason.Cooldown, 1200)]
    // The cooldown's last second.
    [InlineData(1799, Severity.Sev2, false, SuppressionReason.Cooldown, 1)]
    // Its end is outside it.
    [InlineData(1800, Severity.Sev2, false, SuppressionReason.CooldownOver, null)]
    // Never paged for: nothing to cool down from.
    [InlineData(null, Severity.Sev2, false, SuppressionReason.NeverPaged, null)]
    // It is worse than it was.
    [InlineData(600, Severity.Sev1, false, SuppressionReason.MoreSevere, null)]
    // The one that was paged for goes on: this is another, which nobody has.
    [InlineData(600, Severity.Sev2, true, SuppressionReason.FailsBeside, null)]
    public void A_page_is_held_back_inside_the_cooldown(
        int? pagedSecondsAgo, Severity severity, bool isBeside, SuppressionReason expected, int? heldSeconds)
    {
        LastPage? page = pagedSecondsAgo is { } ago ? new LastPage(Now.AddSeconds(-ago), Severity.Sev2, isBeside) : null;
        DateTimeOffset? until = heldSeconds is { } held ? Now.AddSeconds(held) : null;
        Assert.Equal(new SuppressionDecision(expected, until), Suppression.Decide(page, severity, Now, Cooldown));
    }

    [Fact]
    public void Without_a_cooldown_every_page_goes_out() => Assert.Equal(
        SuppressionReason.CooldownOver, Suppression.Decide(new LastPage(Now, Severity.Sev2, IsBeside: false), Severity.Sev2, Now, TimeSpan.Zero).Reason);

    [Theory]
    // Each was paged for: until the first of their holds ends.
    [InlineData("5 3 9", 3)]
    // One that nobody was paged for pages for all.
    [InlineData("5 - 9", null)]
    [InlineData("-", null)]
    // Nothing failed.
    [InlineData("", null)]
    public void Failures_that_come_together_share_a_page(string holds, int? expectedMinutes)
    {
        var decisions = holds.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(hold => hold == "-"
            ? new SuppressionDecision(SuppressionReason.NeverPaged)
            : new SuppressionDecision(SuppressionReason.Cooldown, Now.AddMinutes(hold[0] - '0')));
        DateTimeOffset? expected = expectedMinutes is { } minutes ? Now.AddMinutes(minutes) : null;
        Assert.Equal(expected, Suppression.Together([.. decisions]).Until);
    }
}
