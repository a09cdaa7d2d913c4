using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Two replicas of one Prometheus, A and B, send the same alert. Each has its own start, resends every minute, and repeats a resolve for 15.</summary>
public sealed class ReplicaTests
{
    private const string Labels = "alertname=A;severity=critical;service=checkout";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task D2_An_old_resolve_that_is_repeated_flips_nothing_while_the_other_replica_fires()
    {
        await using var desk = new AlertDesk();
        var start = desk.Clock.GetUtcNow().AddSeconds(-9);
        await FireAsync(desk, start);
        await desk.RunForAsync(Minute);
        var end = desk.Clock.GetUtcNow();
        await ResolveAsync(desk, start, end);
        await desk.RunForAsync(TimeSpan.FromSeconds(5));
        for (var repeat = 0; repeat < 10; repeat++)
        {
            await FireAsync(desk, start.AddSeconds(5));
            if (repeat == 0)
            {
                await desk.AcknowledgeAsync("INC-1", "alice");
            }

            await ResolveAsync(desk, start, end);
            await desk.RunForAsync(TimeSpan.FromSeconds(15));
        }

        var incident = await desk.TheIncidentAsync();
        Assert.Equal((true, 2, 1), (incident.IsOpen, incident.Round, incident.FiringAlerts));
        Assert.InRange(desk.Pages.Count(), 1, 2);
        Assert.Single(await desk.TimelineAsync(), line => line.StartsWith("Recovered:", StringComparison.Ordinal));
        Assert.Single(await desk.TimelineAsync(), line => line.StartsWith("Reopened:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task D2_It_recovered_for_one_replica_and_fires_on_for_the_other()
    {
        await using var desk = new AlertDesk();
        var (a, b) = (desk.Clock.GetUtcNow().AddSeconds(-9), desk.Clock.GetUtcNow().AddSeconds(-2));
        await FireAsync(desk, a);
        await FireAsync(desk, b);
        await desk.RunForAsync(Minute);
        var end = desk.Clock.GetUtcNow();
        for (var minute = 0; minute < 10; minute++)
        {
            await ResolveAsync(desk, a, end);
            await FireAsync(desk, b);
            await desk.RunForAsync(Minute);
        }

        Assert.Equal((true, 1), ((await desk.TheIncidentAsync()).IsOpen, (await desk.TheIncidentAsync()).Round));
        await ResolveAsync(desk, b, desk.Clock.GetUtcNow());
        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
        Assert.Single(await desk.TimelineAsync(), line => line.StartsWith("Recovered:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task D2_A_replica_that_went_away_does_not_hold_the_incident_open_for_longer_than_it_said()
    {
        await using var desk = new AlertDesk();
        var (a, b) = (desk.Clock.GetUtcNow().AddSeconds(-9), desk.Clock.GetUtcNow().AddSeconds(-2));
        await FireAsync(desk, a);
        await FireAsync(desk, b);
        await desk.RunForAsync(Minute);
        var end = desk.Clock.GetUtcNow();
        for (var minute = 0; minute < 5; minute++)
        {
            await ResolveAsync(desk, a, end);
            await desk.RunForAsync(Minute);
        }

        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
    }

    [Fact]
    public async Task D9_A_start_that_lies_ahead_is_one_episode_however_often_it_is_repeated()
    {
        await using var desk = new AlertDesk();
        var start = desk.Clock.GetUtcNow().AddMinutes(10);
        for (var repeat = 0; repeat < 4; repeat++)
        {
            await desk.PrometheusAsync(desk.Alert(Labels, start - desk.Clock.GetUtcNow(), TimeSpan.FromMinutes(14)));
            await desk.RunForAsync(Minute);
        }

        Assert.Single(await desk.TimelineAsync(), line => line.StartsWith("Fired:", StringComparison.Ordinal));
    }

    private static Task FireAsync(AlertDesk desk, DateTimeOffset start) =>
        desk.PrometheusAsync(desk.Alert(Labels, start - desk.Clock.GetUtcNow(), TimeSpan.FromMinutes(4)));

    private static Task ResolveAsync(AlertDesk desk, DateTimeOffset start, DateTimeOffset end) =>
        desk.PrometheusAsync(desk.Alert(Labels, start - desk.Clock.GetUtcNow(), end - desk.Clock.GetUtcNow()));
}
