using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Prometheus resends a firing alert every minute with an end 4 minutes ahead of its own clock.</summary>
public sealed class SlowClockTests
{
    private const string Labels = "alertname=A;severity=critical;service=checkout";
    private static readonly DateTimeOffset Start = SampleAlert.Monday;

    [Theory]
    // The first that is heard of it.
    [InlineData(null, 0, 5, 6, EndReading.AsSent, 0)]
    // The very same end, repeated: a resolve.
    [InlineData(5.0, 0, 5, 7, EndReading.AsSent, 0)]
    // The end moved on by a minute in a minute.
    [InlineData(5.0, 0, 6, 7, EndReading.Advances, 1)]
    // And again.
    [InlineData(5.0, 1, 6, 7, EndReading.FiresByASlowClock, 2)]
    [InlineData(5.0, 7, 6, 7, EndReading.FiresByASlowClock, 8)]
    // Nearly as fast as the time; and not nearly.
    [InlineData(5.0, 1, 5.85, 7, EndReading.FiresByASlowClock, 2)]
    [InlineData(5.0, 1, 5.8, 7, EndReading.AsSent, 0)]
    // It moved on by more or less than the time: another replica's resolve.
    [InlineData(5.0, 1, 6.4, 7, EndReading.AsSent, 0)]
    [InlineData(5.0, 1, 5.2, 7, EndReading.AsSent, 0)]
    // A moment later: another replica's resolve too.
    [InlineData(5.0, 1, 5.25, 6.25, EndReading.AsSent, 0)]
    // The time of its sending, after one that was so too: somebody says again that all is well. A clock 30 s slow is no other.
    [InlineData(6.0, 0, 7, 7, EndReading.EndsAgain, 0)]
    [InlineData(5.5, 1, 6.5, 7, EndReading.EndsAgain, 0)]
    // It is known to be slow, and its clock was set forward: it fires on.
    [InlineData(5.0, 2, 6.9, 7, EndReading.FiresByASlowClock, 3)]
    [InlineData(5.0, 2, 5.1, 7, EndReading.FiresByASlowClock, 3)]
    // The end stayed or went back: the resolve of the alert that fired by a slow clock.
    [InlineData(5.0, 7, 5, 7, EndReading.AsSent, 7)]
    [InlineData(5.0, 7, 2, 7, EndReading.AsSent, 0)]
    public void D4_An_end_that_moves_on_with_the_time_is_a_firing_alerts(
        double? before, int advances, double end, double received, EndReading expected, int seen)
    {
        SeenEnd[] ends = before is { } minutes ? [new SeenEnd(Start, Start.AddMinutes(minutes), Start.AddMinutes(6), advances)] : [];
        var decision = SlowClock.Decide(Heard(ends), Resolve(end, received));
        Assert.Equal((expected, seen), (decision.Reading, decision.Seen!.Advances));
    }

    [Fact]
    public void D4_The_same_message_handled_again_or_sent_to_two_addresses_reads_the_same()
    {
        SeenEnd[] ends = [new SeenEnd(Start, Start.AddMinutes(6), Start.AddMinutes(7), Advances: 2)];
        Assert.Equal(EndReading.FiresByASlowClock, SlowClock.Decide(Heard(ends), Resolve(6, 7)).Reading);
        var twin = SlowClock.Decide(Heard(ends), Resolve(6, 7.1));
        Assert.Equal((EndReading.FiresByASlowClock, ends[0]), (twin.Reading, twin.Seen));
    }

    [Fact]
    public void D4_A_status_that_was_said_is_believed()
    {
        SeenEnd[] ends = [new SeenEnd(Start, Start.AddMinutes(5), Start.AddMinutes(6), Advances: 5)];
        Assert.Equal(EndReading.AsSent, SlowClock.Decide(Heard(ends), Resolve(6, 7) with { Source = "alertmanager" }).Reading);
    }

    [Fact]
    public void D4_Ends_of_a_sender_that_names_none_while_the_alert_fires_are_resolves()
    {
        var history = Heard(new SeenEnd(Start, Start.AddMinutes(5), Start.AddMinutes(6), Advances: 1));
        Assert.Equal(
            EndReading.EndsAgain, SlowClock.Decide(history.With(new SeenFiring(Start, null, NamedNoEnd: true)), Resolve(6, 7)).Reading);
        Assert.Equal(EndReading.FiresByASlowClock, SlowClock.Decide(history.With(new SeenFiring(Start, null)), Resolve(6, 7)).Reading);
    }

    [Theory]
    // Clocks that agree; and one that is slow by less than an end may lag.
    [InlineData(0)]
    [InlineData(-30)]
    public async Task D4_Somebody_who_says_each_minute_that_all_is_well_pages_nobody(int endSeconds)
    {
        await using var desk = new AlertDesk();
        await SendEachMinuteAsync(desk, minutes: 15, TimeSpan.FromSeconds(endSeconds));
        Assert.Empty(await desk.IncidentsAsync());
        Assert.InRange(desk.Log.Entries.Count(entry => entry.Kind == (129, LogLevel.Warning)), 1, 2);
        Assert.DoesNotContain(desk.Log.Entries, entry => entry.Kind.Id == 128);
    }

    [Theory]
    // The firing names an end or none; a slow clock is no matter where it names none.
    [InlineData(5, 0)]
    [InlineData(null, 0)]
    [InlineData(null, -90)]
    public async Task D4_After_an_alert_that_fired_and_recovered_too(int? firingEndMinutes, int endSeconds)
    {
        await using var desk = new AlertDesk();
        await desk.PrometheusAsync(desk.Alert(
            Labels, Start.AddMinutes(-10) - desk.Clock.GetUtcNow(), firingEndMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null));
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        await SendEachMinuteAsync(desk, minutes: 15, TimeSpan.FromSeconds(endSeconds));

        Assert.Equal((IncidentStage.Resolved, 1), ((await desk.TheIncidentAsync()).Stage, (await desk.TheIncidentAsync()).Round));
        Assert.Single(desk.Pages);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(15)]
    [InlineData(29)]
    [InlineData(30)]
    public async Task D4_A_sender_that_resends_quickly_is_found_out_and_stays_so(int every)
    {
        await using var desk = new AlertDesk();
        for (var passed = 0; passed < 600; passed += every)
        {
            await SendAsync(desk, TimeSpan.FromMinutes(-1));
            await desk.RunForAsync(TimeSpan.FromSeconds(every));
            Assert.True(passed < 90 || (await desk.TheIncidentAsync()) is { IsOpen: true, Round: 1 });
        }

        Assert.DoesNotContain(await desk.TimelineAsync(), line => line.StartsWith("Recovered", StringComparison.Ordinal));
    }

    [Theory]
    // The clock jumps to less slow, to a little slower than that, and to right.
    [InlineData(-0.1)]
    [InlineData(-0.5)]
    [InlineData(-1.5)]
    [InlineData(4)]
    public async Task D4_A_step_of_a_clock_that_is_known_to_be_slow_resolves_nothing(double endMinutes)
    {
        await using var desk = new AlertDesk();
        await ResendAsync(desk, minutes: 5);
        for (var minute = 0; minute < 5; minute++)
        {
            await SendAsync(desk, TimeSpan.FromMinutes(endMinutes));
            await desk.RunForAsync(TimeSpan.FromMinutes(1));
        }

        var incident = await desk.TheIncidentAsync();
        Assert.Equal((true, 1, 1), (incident.IsOpen, incident.Round, incident.FiringAlerts));
        Assert.DoesNotContain(await desk.TimelineAsync(), line => line.StartsWith("Recovered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task D4_An_alert_of_a_sender_whose_clock_is_slow_pages_and_the_timeline_says_why()
    {
        await using var desk = new AlertDesk();
        await ResendAsync(desk, minutes: 3);

        Assert.Equal((true, 1), ((await desk.TheIncidentAsync()).IsOpen, (await desk.TheIncidentAsync()).FiringAlerts));
        Assert.Single(desk.Pages);
        Assert.Contains(await desk.TimelineAsync(), line => line.StartsWith("Taken as firing: A. The sender's clock is slow by more than 1 min", StringComparison.Ordinal));
        Assert.Contains(desk.Log.Entries, entry => entry.Kind == (128, LogLevel.Warning));

        // It goes on as one failure, isn't stale, and its resolve is one.
        await desk.AcknowledgeAsync("INC-1", "alice");
        await ResendAsync(desk, minutes: 30);
        Assert.Equal((1, 1), ((await desk.TheIncidentAsync()).Round, desk.Pages.Count()));
        Assert.DoesNotContain(await desk.TimelineAsync(), line => line.StartsWith("Stale", StringComparison.Ordinal));
        var end = desk.Clock.GetUtcNow().AddMinutes(-5);
        for (var repeat = 0; repeat < 3; repeat++)
        {
            await SendAsync(desk, end - desk.Clock.GetUtcNow());
            await desk.RunForAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((IncidentStage.Resolved, 1), ((await desk.TheIncidentAsync()).Stage, (await desk.TheIncidentAsync()).Round));
    }

    [Fact]
    public async Task D4_A_late_resolve_that_is_repeated_opens_nothing()
    {
        await using var desk = new AlertDesk();
        var end = desk.Clock.GetUtcNow().AddMinutes(-1);
        for (var repeat = 0; repeat < 15; repeat++)
        {
            await SendAsync(desk, end - desk.Clock.GetUtcNow());
            await desk.RunForAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Empty(await desk.IncidentsAsync());
        Assert.DoesNotContain(desk.Log.Entries, entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task D4_A_clock_that_falls_behind_while_the_alert_fires_is_found_out_too()
    {
        await using var desk = new AlertDesk();
        await SendAsync(desk, TimeSpan.FromMinutes(4));
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        await ResendAsync(desk, minutes: 4);

        // The first end in the past is the same as a resolve's, so it ends the first round. What follows is known, a step of the clock too.
        Assert.Equal((true, 2), ((await desk.TheIncidentAsync()).IsOpen, (await desk.TheIncidentAsync()).Round));
        await SendEachMinuteAsync(desk, minutes: 4, TimeSpan.FromMinutes(-0.2));
        Assert.Equal((true, 2), ((await desk.TheIncidentAsync()).IsOpen, (await desk.TheIncidentAsync()).Round));
    }

    private static async Task ResendAsync(AlertDesk desk, int minutes)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            await SendAsync(desk, TimeSpan.FromMinutes(-1));
            await desk.RunForAsync(TimeSpan.FromMinutes(1));
        }
    }

    private static async Task SendEachMinuteAsync(AlertDesk desk, int minutes, TimeSpan ends)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            await SendAsync(desk, ends);
            await desk.RunForAsync(TimeSpan.FromMinutes(1));
        }
    }

    private static Task SendAsync(AlertDesk desk, TimeSpan ends) =>
        desk.PrometheusAsync(desk.Alert(Labels, Start.AddMinutes(-10) - desk.Clock.GetUtcNow(), ends));

    private static AlertHistory Heard(params SeenEnd[] ends) => AlertHistory.Empty with { Ends = ends };

    private static Alert Resolve(double end, double received) =>
        SampleAlert.Firing(SampleAlert.Pairs(Labels), startsAt: Start, receivedAt: Start.AddMinutes(received)) with
        {
            Status = AlertStatus.Resolved,
            EndsAt = Start.AddMinutes(end),
            Source = "prometheus",
        };
}
