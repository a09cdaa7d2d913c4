using Pipeline.Runtime;
using Pipeline.Runtime.Scheduling;
using Xunit;
using static Pipeline.Tests.Support.SampleIncident;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class ScheduleStateTests
{
    private static readonly CronSchedule Mondays = CronSchedule.Parse("0 9 * * 1", "UTC");

    [Theory]
    // Nothing has come since.
    [InlineData("2026-01-05T09:00Z", "2026-01-12T08:59Z", 8, "", false)]
    // One has come, just now or a while ago.
    [InlineData("2026-01-05T09:00Z", "2026-01-12T09:00Z", 8, "01-12", false)]
    [InlineData("2026-01-05T09:00Z", "2026-01-14T00:00Z", 8, "01-12", false)]
    // Down for three weeks.
    [InlineData("2026-01-05T09:00Z", "2026-01-28T00:00Z", 8, "01-12 01-19 01-26", false)]
    // As many as are made up for, and one more.
    [InlineData("2026-01-05T09:00Z", "2026-01-28T00:00Z", 3, "01-12 01-19 01-26", false)]
    [InlineData("2026-01-05T09:00Z", "2026-01-28T00:00Z", 2, "01-19 01-26", true)]
    // Down for ten years.
    [InlineData("2016-01-04T09:00Z", "2026-01-28T00:00Z", 2, "01-19 01-26", true)]
    // The clock was set back: nothing is done twice.
    [InlineData("2026-01-26T09:00Z", "2026-01-06T00:00Z", 8, "", false)]
    public void What_came_since_is_owed(string lookedAt, string now, int max, string owed, bool hasSkipped)
    {
        var (state, skippedBefore) = ScheduleState.StartingAt(At(lookedAt)).CatchUpTo(At(now), Mondays, max);
        Assert.Equal(owed, Days(state));
        Assert.Equal(hasSkipped ? state.Owed[0].ScheduledFor : null, skippedBefore);
        Assert.Equal(state.Owed.Count == 0 ? At(lookedAt) : state.Owed[^1].ScheduledFor, state.LookedAtUntil);
    }

    [Fact]
    public void R6_A_sweep_goes_on_at_once_when_the_clock_was_set_back()
    {
        var minutes = CronSchedule.Parse("* * * * *", "UTC");
        var state = ScheduleState.StartingAt(At("2026-01-05T09:59Z")).CatchUpTo(At("2026-01-05T10:00Z"), minutes, 1).State;
        state = state.Succeeded(state.Owed[0]);

        var setBack = state.CatchUpTo(At("2026-01-05T09:01:30Z"), minutes, 1).State;

        Assert.Equal(At("2026-01-05T09:01Z"), setBack.Ready(At("2026-01-05T09:01:30Z"))?.ScheduledFor);
        setBack = setBack.Succeeded(setBack.Owed[0]);
        Assert.Empty(setBack.CatchUpTo(At("2026-01-05T09:01:40Z"), minutes, 1).State.Owed);
        Assert.Single(setBack.CatchUpTo(At("2026-01-05T09:02Z"), minutes, 1).State.Owed);
    }

    [Fact]
    public void A_time_that_fails_is_tried_again_ever_later_and_holds_up_nobody()
    {
        var now = At("2026-01-19T09:00Z");
        var state = ScheduleState.StartingAt(At("2026-01-05T09:00Z")).CatchUpTo(now, Mondays, 8).State;
        var waits = new List<double>();
        for (var attempt = 1; attempt <= 9; attempt++)
        {
            state = state.Failed(state.Owed[0], now);
            waits.Add((state.Owed[0].NotBefore - now).TotalMinutes);
            Assert.Equal(attempt, state.Owed[0].Failures);

            // The second Monday may be served while the first one waits.
            Assert.Equal(At("2026-01-19T09:00Z"), state.Ready(now)!.ScheduledFor);
            now = state.Owed[0].NotBefore;
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60], waits);
    }

    [Fact]
    public void What_keeps_failing_is_given_up_when_it_is_too_old()
    {
        var state = ScheduleState.StartingAt(At("2026-01-05T09:00Z")).CatchUpTo(At("2026-01-12T09:00Z"), Mondays, 2).State;
        state = state.Failed(state.Owed[0], At("2026-01-12T09:00Z"));
        var later = state.CatchUpTo(At("2026-01-26T09:00Z"), Mondays, 2);
        Assert.Equal("01-19 01-26", Days(later.State));
        Assert.Equal(At("2026-01-19T09:00Z"), later.SkippedBefore);
    }

    [Fact]
    public void The_next_thing_to_do_is_a_retry_or_the_next_time()
    {
        var now = At("2026-01-12T09:00Z");
        var state = ScheduleState.StartingAt(At("2026-01-05T09:00Z")).CatchUpTo(now, Mondays, 8).State;
        Assert.Equal(now, state.NextDue(Mondays));
        Assert.Equal(now.AddMinutes(1), state.Failed(state.Owed[0], now).NextDue(Mondays));
        Assert.Equal(At("2026-01-19T09:00Z"), state.Succeeded(state.Owed[0]).NextDue(Mondays));
    }

    private static string Days(ScheduleState state) =>
        string.Join(' ', state.Owed.Select(run => run.ScheduledFor.ToString("MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
}
