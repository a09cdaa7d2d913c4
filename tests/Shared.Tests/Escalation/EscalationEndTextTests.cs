using Pipeline.Escalation;
using Pipeline.Incidents;
using Xunit;

namespace Pipeline.Shared.Tests.Escalation;

public sealed class EscalationEndTextTests
{
    private const string Escalation = "escalation-INC-1.2";

    [Theory]
    // All pages came, nobody answered.
    [InlineData("a:sent b:sent", "Escalation ended: every level was paged and nobody acknowledged.")]
    // One came late.
    [InlineData("a:retrying a:sent b:sent", "Escalation ended: every level was paged and nobody acknowledged.")]
    // Some were given up or are still tried.
    [InlineData("a:sent b:retrying b:failed c:retrying", "Escalation ended: nobody acknowledged. 2 of 3 pages reached nobody.")]
    // None came.
    [InlineData("a:retrying a:failed b:retrying", "Escalation ended: none of its 2 pages reached anybody.")]
    [InlineData("a:failed", "Escalation ended: its only page reached nobody.")]
    // Nothing is known of them.
    [InlineData("", "Escalation ended: nobody acknowledged, and no page is known to have reached anybody.")]
    public void FirstUse_The_end_says_how_many_pages_reached_nobody(string receipts, string expected)
    {
        var earlier = Entry(0, TimelineKind.PageSent, "page:INC-1:1:0.0.0:alice:hook:sent");
        var begin = Entry(1, TimelineKind.Paging, $"{Escalation}:0.0");
        var entries = receipts.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select((key, index) => Entry(index + 2, key.EndsWith(":sent", StringComparison.Ordinal) ? TimelineKind.PageSent : TimelineKind.PageFailed, key));

        Assert.Equal(expected, EscalationEndText.Of(EscalationOutcome.Exhausted, Escalation, [earlier, begin, .. entries]));
    }

    [Theory]
    [InlineData(EscalationOutcome.Acknowledged, "Escalation ended: acknowledged.")]
    [InlineData(EscalationOutcome.Resolved, "Escalation ended: resolved.")]
    [InlineData(EscalationOutcome.Superseded, "Escalation ended: a newer one took over.")]
    [InlineData(EscalationOutcome.NoLongerPages, "Escalation ended: this severity wakes nobody.")]
    [InlineData(EscalationOutcome.NobodyToPage, "Escalation ended: its policy names nobody to page.")]
    public void Another_end_says_why(EscalationOutcome outcome, string expected) =>
        Assert.Equal(expected, EscalationEndText.Of(outcome, Escalation, []));

    private static TimelineEntry Entry(int number, TimelineKind kind, string key) =>
        new(number, new DateTimeOffset(2026, 1, 5, 9, number, 0, TimeSpan.Zero), kind, "x", Key: key);
}
