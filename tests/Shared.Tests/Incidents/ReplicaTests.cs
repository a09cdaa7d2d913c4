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
    public async Task D2_A_resolve_of_a_replica_that_nobody_heard_firing_ends_nothing_while_the_other_fires()
    {
        await using var desk = new AlertDesk();
        var (a, b) = (desk.Clock.GetUtcNow().AddSeconds(-9), desk.Clock.GetUtcNow().AddSeconds(-2));
        await FireAsync(desk, b);
        await desk.RunForAsync(Minute);
        var end = desk.Clock.GetUtcNow();
        for (var minute = 0; minute < 5; minute++)
        {
            await ResolveAsync(desk, a, end);
            await FireAsync(desk, b);
            await desk.RunForAsync(Minute);
        }

        Assert.Equal((true, 1, 1), await StateAsync(desk));
        await ResolveAsync(desk, b, desk.Clock.GetUtcNow());
        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
    }

    [Fact]
    public async Task D2_A_resolve_without_a_start_names_no_replica_and_ends_it()
    {
        await using var desk = new AlertDesk();
        await FireAsync(desk, desk.Clock.GetUtcNow().AddSeconds(-9));
        await desk.RunForAsync(Minute);
        await desk.PrometheusAsync(
            $$"""{"labels":{"alertname":"A","severity":"critical","service":"checkout"},"endsAt":"{{desk.Clock.GetUtcNow():O}}"}""");

        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
    }

    [Fact]
    public async Task D2_A_resolve_that_was_heard_before_anything_fired_ends_nothing_that_fires_later()
    {
        await using var desk = new AlertDesk();
        var (start, end) = (desk.Clock.GetUtcNow().AddMinutes(-9), desk.Clock.GetUtcNow());
        await ResolveAsync(desk, start, end);
        await desk.RunForAsync(2 * Minute);
        await FireAsync(desk, start);
        await ResolveAsync(desk, start, end);

        Assert.Equal((true, 1, 1), await StateAsync(desk));
    }

    [Fact]
    public async Task D2_A_resolve_counts_once_also_where_the_next_failure_is_another_incident()
    {
        await using var desk = new AlertDesk(
            AlertDesk.Default with { Correlation = AlertDesk.Default.Correlation with { ReopenWindow = TimeSpan.FromMinutes(2) } });
        var start = desk.Clock.GetUtcNow().AddSeconds(-9);
        await FireAsync(desk, start);
        await desk.RunForAsync(Minute);
        var end = desk.Clock.GetUtcNow();
        await ResolveAsync(desk, start, end);
        await desk.RunForAsync(5 * Minute);
        await FireAsync(desk, start);
        await ResolveAsync(desk, start, end);

        Assert.Equal([false, true], (await desk.IncidentsAsync()).Select(incident => incident.IsOpen));
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

    private static async Task<(bool IsOpen, int Round, int Firing)> StateAsync(AlertDesk desk) =>
        await desk.TheIncidentAsync() is var incident ? (incident.IsOpen, incident.Round, incident.FiringAlerts) : default;

    private static Task FireAsync(AlertDesk desk, DateTimeOffset start) =>
        desk.PrometheusAsync(desk.Alert(Labels, start - desk.Clock.GetUtcNow(), TimeSpan.FromMinutes(4)));

    private static Task ResolveAsync(AlertDesk desk, DateTimeOffset start, DateTimeOffset end) =>
        desk.PrometheusAsync(desk.Alert(Labels, start - desk.Clock.GetUtcNow(), end - desk.Clock.GetUtcNow()));
}
