using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Pipeline.Shared.Tests.Notifications;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Silence is not recovery. Stale after 300 minutes; times in minutes after the last message.</summary>
public sealed class StaleAlertsTests
{
    private static readonly DateTimeOffset LastSeen = SampleAlert.Monday;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // Alertmanager names no end: it counts from the last message.
    [InlineData(IncidentAlertStatus.Firing, null, 299, false)]
    [InlineData(IncidentAlertStatus.Firing, null, 300, true)]
    // Prometheus names the time until which it counts.
    [InlineData(IncidentAlertStatus.Firing, 4, 3, false)]
    [InlineData(IncidentAlertStatus.Firing, 4, 4, true)]
    // Also where that is later than the general bound.
    [InlineData(IncidentAlertStatus.Firing, 400, 399, false)]
    // What doesn't fire doesn't become stale.
    [InlineData(IncidentAlertStatus.Resolved, null, 9999, false)]
    // It is already.
    [InlineData(IncidentAlertStatus.Stale, null, 9999, false)]
    public void An_alert_becomes_stale(IncidentAlertStatus status, int? ends, int now, bool expected)
    {
        var alert = SampleAlert.Known(status) with { EndsAt = ends is { } minutes ? LastSeen.AddMinutes(minutes) : null };
        Assert.Equal(expected, StaleAlerts.IsStale(alert, LastSeen.AddMinutes(now), TimeSpan.FromMinutes(300)));
    }

    [Fact]
    public async Task After_a_time_in_which_nobody_listened_everybody_is_given_time_to_speak()
    {
        var desk = new IntakeDesk();
        await desk.ReceiveAsync(IntakeDesk.Firing("A"));
        desk.Clock.Advance(TimeSpan.FromDays(1));
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness - TimeSpan.FromMinutes(1));
        Assert.Equal(IncidentAlertStatus.Firing, (await desk.AlertAsync("INC-1", IntakeDesk.Firing("A"))).Status);

        // Each sweep is another process's, as on Azure.
        await SweepForAsync(desk, TimeSpan.FromMinutes(1));
        Assert.Equal(IncidentAlertStatus.Stale, (await desk.AlertAsync("INC-1", IntakeDesk.Firing("A"))).Status);
        Assert.True((await desk.TheIncidentAsync()).IsOpen);
        Assert.StartsWith("Stale: 1 alert is no longer repeated", (await desk.TimelineAsync("INC-1"))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gap_between_two_sweeps_begins_the_grace_anew()
    {
        var desk = new IntakeDesk();
        await SweepForAsync(desk, TimeSpan.FromHours(1));
        await desk.ReceiveAsync(IntakeDesk.Firing("A") with { EndsAt = desk.Clock.GetUtcNow().AddMinutes(4) });
        desk.Clock.Advance(TimeSpan.FromMinutes(5));
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness - TimeSpan.FromMinutes(1));
        Assert.Equal(0, await StaleAsync(desk));
        await SweepForAsync(desk, TimeSpan.FromMinutes(1));
        Assert.Equal(1, await StaleAsync(desk));
    }

    [Theory]
    // The intake is behind: what was said again waits to be applied.
    [InlineData(5, 0)]
    // It is behind for a moment, as it always is.
    [InlineData(1, 1)]
    // It keeps up; nobody repeats the alert.
    [InlineData(0, 1)]
    public async Task F8_An_alert_whose_repeat_waits_to_be_applied_is_not_called_stale(int minutes, int expected)
    {
        var desk = new IntakeDesk();
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness);
        await desk.ReceiveAsync(IntakeDesk.Firing("A") with { EndsAt = desk.Clock.GetUtcNow().AddMinutes(4) });
        await SweepForAsync(desk, TimeSpan.FromMinutes(5 - minutes));
        var repeat = IntakeDesk.Firing("A") with { ReceivedAt = desk.Clock.GetUtcNow(), EndsAt = desk.Clock.GetUtcNow().AddMinutes(4) };
        desk.Waiting.Oldest = minutes == 0 ? null : repeat;
        await SweepForAsync(desk, TimeSpan.FromMinutes(minutes));
        Assert.Equal(expected, await StaleAsync(desk));
    }

    [Fact]
    public async Task F8_Once_the_intake_has_caught_up_everybody_is_given_time_to_speak()
    {
        var desk = new IntakeDesk();
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness);
        await desk.ReceiveAsync(IntakeDesk.Firing("A") with { EndsAt = desk.Clock.GetUtcNow().AddMinutes(4) });
        desk.Waiting.Oldest = IntakeDesk.Firing("B") with { ReceivedAt = desk.Clock.GetUtcNow() };
        await SweepForAsync(desk, TimeSpan.FromHours(1));
        Assert.Equal(0, await StaleAsync(desk));

        desk.Waiting.Oldest = null;
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness - TimeSpan.FromMinutes(1));
        Assert.Equal(0, await StaleAsync(desk));
        await SweepForAsync(desk, TimeSpan.FromMinutes(1));
        Assert.Equal(1, await StaleAsync(desk));
    }

    [Fact]
    public async Task F8_A_queue_that_cannot_be_looked_at_counts_as_behind()
    {
        var desk = new IntakeDesk();
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness);
        await desk.ReceiveAsync(IntakeDesk.Firing("A") with { EndsAt = desk.Clock.GetUtcNow().AddMinutes(4) });
        desk.Waiting.IsAway = true;
        await SweepForAsync(desk, TimeSpan.FromMinutes(30));
        desk.Waiting.IsAway = false;
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness - TimeSpan.FromMinutes(2));
        Assert.Equal(0, await StaleAsync(desk));
        await SweepForAsync(desk, TimeSpan.FromMinutes(2));
        Assert.Equal(1, await StaleAsync(desk));
    }

    [Fact]
    public async Task F8_A_part_of_the_sweep_that_fails_keeps_no_other_from_its_turn()
    {
        var done = new List<int>();
        var fault = await Assert.ThrowsAsync<AggregateException>(() => Housekeeping.EachAsync(
            Token,
            _ => throw new StoreUnavailableException("first"),
            _ => Task.Run(() => done.Add(2), Token),
            _ => Task.FromException(new InvalidOperationException("third")),
            _ => Task.Run(() => done.Add(4), Token)));
        Assert.Equal([2, 4], done);
        Assert.Equal(["first", "third"], fault.InnerExceptions.Select(inner => inner.Message));
    }

    [Fact]
    public async Task Many_large_alerts_are_told_in_several_sweeps_none_of_which_is_too_large()
    {
        var desk = new IntakeDesk();
        var annotation = new string('x', 60_000);
        await desk.ReceiveAsync(Enumerable.Range(0, 40).Select(number => IntakeDesk.Firing($"A{number}", evidence: $"note={annotation}")));
        desk.Clock.Advance(TimeSpan.FromDays(1));
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness);
        var first = await StaleAsync(desk);
        Assert.InRange(first, 1, 39);

        await SweepForAsync(desk, TimeSpan.FromMinutes(3));
        Assert.Equal(40, await StaleAsync(desk));
    }

    [Fact]
    public async Task An_incident_that_cannot_be_looked_at_does_not_keep_the_others_from_it()
    {
        var desk = new IntakeDesk();
        await desk.ReceiveAsync(IntakeDesk.Firing("A", service: "one"), IntakeDesk.Firing("A", service: "two"));
        desk.Clock.Advance(TimeSpan.FromDays(1));
        await SweepForAsync(desk, StaleAlerts.GraceAfterDeafness - TimeSpan.FromMinutes(1));
        desk.Clock.Advance(TimeSpan.FromMinutes(1));
        await Sweep(desk, new IncidentStore(new FailingTable(desk.Table) { FailWrites = 1 }, desk.Clock)).SweepAsync(Token);
        Assert.Equal(1, await StaleAsync(desk));
        await Sweep(desk, desk.Store).SweepAsync(Token);
        Assert.Equal(2, await StaleAsync(desk));
    }

    /// <summary>A sweep now, and one each minute for <paramref name="time"/>.</summary>
    private static async Task SweepForAsync(IntakeDesk desk, TimeSpan time)
    {
        await Sweep(desk, desk.Store).SweepAsync(Token);
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMinutes(1))
        {
            desk.Clock.Advance(TimeSpan.FromMinutes(1));
            await Sweep(desk, desk.Store).SweepAsync(Token);
        }
    }

    private static StaleAlerts Sweep(IntakeDesk desk, IncidentStore store) =>
        new(store, desk.Table, desk.Lag, new SenderMemory(desk.Table), new CorrelationConfiguration(), NullLogger<StaleAlerts>.Instance);

    private static async Task<int> StaleAsync(IntakeDesk desk)
    {
        var stale = 0;
        foreach (var incident in await desk.IncidentsAsync())
        {
            await foreach (var row in desk.Store.AlertsAsync(incident.Id, Token))
            {
                stale += row.Value.Status == IncidentAlertStatus.Stale ? 1 : 0;
            }
        }

        return stale;
    }
}
