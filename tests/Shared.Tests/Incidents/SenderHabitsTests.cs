using System.Globalization;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Times in hours. 5 are configured.</summary>
public sealed class SenderHabitsTests
{
    private const string Labels = "alertname=A;severity=critical;service=checkout";
    private static readonly TimeSpan Configured = TimeSpan.FromHours(5);
    private static readonly DateTimeOffset Start = SampleAlert.Monday;

    [Theory]
    // Nothing was seen, or nothing that isn't covered by the configuration.
    [InlineData("", 0, 5)]
    [InlineData("1 4", 5, 5)]
    // The longest repeat and a quarter.
    [InlineData("12", 12, 15)]
    [InlineData("8 12 8", 28, 15)]
    // One outage is forgotten when it isn't seen again for seven times as long.
    [InlineData("48", 48, 60)]
    [InlineData("48 12 12 12 12", 48 + 48, 60)]
    [InlineData("48", 48 + (7 * 48) + 1, 5)]
    // The repeats in between are what it is known by then.
    [InlineData("20 12 12 12 12 12 12 12 12 12 12 12 12 12", 20 + (13 * 12), 15)]
    // What is seen again is remembered.
    [InlineData("12 12 12 12 12 12 12 12 12 12", 120, 15)]
    // Longer than three days no sender waits.
    [InlineData("100", 100, 5)]
    public void D5_Staleness_is_judged_by_what_the_sender_was_seen_to_do(string gaps, int now, int expected)
    {
        var at = Start;
        var habits = new SenderHabits("alertmanager", Start);
        foreach (var gap in gaps.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
        {
            at = at.AddHours(gap);
            habits = habits.With(TimeSpan.FromHours(gap), Configured, at);
        }

        Assert.Equal(TimeSpan.FromHours(expected), habits.StaleAfter(Configured, Start.AddHours(now)));
    }

    [Theory]
    // Minutes from the alert's start to its sender's first word here, and to its receipt.
    [InlineData(1, 1, false)]
    [InlineData(-9999, 3, false)]
    // It fired long before anything came from that sender.
    [InlineData(11, 11, true)]
    // The sender is known, and a route that was added later brings an old alert.
    [InlineData(-99999, 60 * 24 * 46, true)]
    public void Own1_What_fired_before_anybody_listened_has_no_time_of_detection(int firstHeard, int received, bool expected)
    {
        var alert = SampleAlert.Firing(SampleAlert.Pairs(Labels), startsAt: Start, receivedAt: Start.AddMinutes(received));
        Assert.Equal(expected, new SenderHabits("alertmanager", Start.AddMinutes(firstHeard)).FiredBeforeListening(alert));
    }

    [Theory]
    // The repeat is the first thing that is heard; and it comes after the first sweep.
    [InlineData(0)]
    [InlineData(2)]
    public async Task D5_A_time_in_which_the_pipeline_was_down_is_not_the_senders_habit(int minutesUp)
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing(Labels));
        await desk.RunForAsync(TimeSpan.FromHours(1));
        desk.Clock.Advance(TimeSpan.FromHours(20));
        await desk.RunForAsync(TimeSpan.FromMinutes(minutesUp));
        await desk.WebhookAsync(desk.Firing(Labels, TimeSpan.FromHours(-21)));
        await desk.WebhookAsync(desk.Firing("alertname=B;severity=critical;service=search"));
        await desk.RunForAsync(TimeSpan.FromHours(13));

        Assert.Contains(await desk.TimelineAsync("INC-2"), line => line.StartsWith("Stale", StringComparison.Ordinal));
    }

    [Fact]
    public async Task D5_A_sender_that_repeats_every_twelve_hours_is_called_stale_once_and_the_timeline_says_when_it_was_heard_again()
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing(Labels));
        var start = desk.Clock.GetUtcNow();
        await desk.AcknowledgeAsync("INC-1", "alice");
        for (var repeat = 0; repeat < 3; repeat++)
        {
            await desk.RunForAsync(TimeSpan.FromHours(12));
            await desk.WebhookAsync(desk.Firing(Labels, start - desk.Clock.GetUtcNow()));
        }

        var timeline = await desk.TimelineAsync();
        Assert.Single(timeline, line => line.StartsWith("Stale: 1 alert", StringComparison.Ordinal));
        Assert.Equal("Heard again after 12 h: A.", Assert.Single(timeline, line => line.StartsWith("Heard again", StringComparison.Ordinal)));

        // A new alert of that sender profits from it.
        await desk.WebhookAsync(desk.Firing("alertname=B;severity=critical;service=search"));
        await desk.RunForAsync(TimeSpan.FromHours(13));
        Assert.DoesNotContain(await desk.TimelineAsync("INC-2"), line => line.StartsWith("Stale", StringComparison.Ordinal));
        await desk.RunForAsync(TimeSpan.FromHours(3));
        Assert.Single(await desk.TimelineAsync("INC-2"), line => line.StartsWith("Stale", StringComparison.Ordinal));
    }
}
