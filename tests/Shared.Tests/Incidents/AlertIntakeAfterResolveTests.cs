using Pipeline.Hosting;
using Pipeline.Incidents;
using Xunit;
using static Pipeline.Shared.Tests.Incidents.IntakeDesk;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>A resolved incident never swallows a failure: it reopens inside 30 minutes, and another opens after them.</summary>
public sealed class AlertIntakeAfterResolveTests
{
    private readonly IntakeDesk desk = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_alert_inside_the_window_reopens_and_its_page_waits_for_the_cooldown()
    {
        await desk.ReceiveAsync(Firing("A"));
        await desk.PagedAsync("INC-1");
        var pagedAt = desk.Clock.GetUtcNow();
        await RecoverAsync("A");
        desk.Clock.Advance(TimeSpan.FromMinutes(10));
        await desk.ReceiveAsync(Firing("A", startsAt: desk.Clock.GetUtcNow()));

        var incident = await desk.TheIncidentAsync();
        Assert.Equal((IncidentStage.Investigating, 2, 2, 1, 1), (incident.Stage, incident.Round, incident.EscalationRound, incident.FiringAlerts, incident.TotalAlerts));
        var reopened = desk.Subscriber.Told[^1];
        Assert.Equal((IncidentSignalKind.Reopened, 2, pagedAt.AddMinutes(30)), (reopened.Kind, reopened.Round, reopened.HoldPageUntil));
    }

    [Theory]
    // Another alert than the one that was paged for.
    [InlineData("B", "critical")]
    // Worse than before: the label is part of the identity, so it is another alert too, and the incident's severity rises.
    [InlineData("A", "SEV-1")]
    public async Task A_reopening_by_something_new_pages_at_once(string name, string severity)
    {
        await desk.ReceiveAsync(Firing("A", "high"));
        await desk.PagedAsync("INC-1");
        await desk.ReceiveAsync(desk.Resolved("A", "high"));
        desk.Clock.Advance(TimeSpan.FromMinutes(10));
        await desk.ReceiveAsync(Firing(name, severity));
        Assert.Null(Assert.Single(desk.Subscriber.Told, signal => signal.Kind == IncidentSignalKind.Reopened).HoldPageUntil);
    }

    [Fact]
    public async Task Another_failure_that_joins_what_the_cooldown_holds_lifts_the_hold()
    {
        await desk.ReceiveAsync(Firing("A"));
        await desk.PagedAsync("INC-1");
        await RecoverAsync("A");
        desk.Clock.Advance(TimeSpan.FromMinutes(10));
        await desk.ReceiveAsync(Firing("A", startsAt: desk.Clock.GetUtcNow()));
        Assert.NotNull((await desk.TheIncidentAsync()).HoldPageUntil);

        await desk.ReceiveAsync(Firing("B"));
        Assert.Null((await desk.TheIncidentAsync()).HoldPageUntil);
        Assert.Equal([IncidentSignalKind.Reopened, IncidentSignalKind.HoldLifted], desk.Told.TakeLast(2));

        // Once is enough.
        await desk.ReceiveAsync(Firing("C"));
        Assert.Equal(IncidentSignalKind.HoldLifted, desk.Told.Last());
        Assert.Single(desk.Told, kind => kind == IncidentSignalKind.HoldLifted);
    }

    [Fact]
    public async Task A_reopening_by_worse_evidence_pages_at_once()
    {
        await desk.ReceiveAsync(Firing("A", "warning"));
        await desk.PagedAsync("INC-1");
        await desk.ReceiveAsync(desk.Resolved("A", "warning"));
        desk.Clock.Advance(TimeSpan.FromMinutes(10));
        await desk.ReceiveAsync(Firing("A", "warning", evidence: "error_rate=60"));

        Assert.Equal(Severity.Sev1, (await desk.TheIncidentAsync()).Severity);
        Assert.Null(Assert.Single(desk.Subscriber.Told, signal => signal.Kind == IncidentSignalKind.Reopened).HoldPageUntil);
    }

    [Fact]
    public async Task A_failure_at_the_window_s_end_opens_another_incident()
    {
        await desk.ReceiveAsync(Firing("A"));
        await RecoverAsync("A");
        desk.Clock.Advance(TimeSpan.FromMinutes(30));
        await desk.ReceiveAsync(Firing("A", startsAt: desk.Clock.GetUtcNow()));

        var incidents = await desk.IncidentsAsync();
        Assert.Equal([IncidentStage.Resolved, IncidentStage.Detected], incidents.Select(incident => incident.Stage));

        await RecoverAsync("A");
        Assert.All(await desk.IncidentsAsync(), incident => Assert.False(incident.IsOpen));
    }

    [Fact]
    public async Task What_a_person_resolved_over_is_quiet_inside_the_window_and_an_incident_after_it()
    {
        await desk.ReceiveAsync(Firing("A"));
        await desk.Commands.ResolveAsync("INC-1", new IncidentCommand("alice"), "a false alarm", force: true, Token);
        desk.Clock.Advance(TimeSpan.FromMinutes(29));
        await desk.ReceiveAsync(Firing("A"));
        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);

        desk.Clock.Advance(TimeSpan.FromMinutes(1));
        await desk.ReceiveAsync(Firing("A"));
        var incidents = await desk.IncidentsAsync();
        Assert.Equal([IncidentStage.Resolved, IncidentStage.Detected], incidents.Select(incident => incident.Stage));

        await RecoverAsync("A");
        Assert.Equal((IncidentStage.Resolved, 0), ((await desk.IncidentsAsync())[1].Stage, (await desk.IncidentsAsync())[1].FiringAlerts));
    }

    [Fact]
    public async Task Another_failure_reopens_what_was_resolved_over_a_firing_alert_and_it_ends_with_both()
    {
        await desk.ReceiveAsync(Firing("A"));
        await desk.Commands.ResolveAsync("INC-1", new IncidentCommand("alice"), note: null, force: true, Token);
        await desk.ReceiveAsync(Firing("B"));
        Assert.Equal((2, 2), ((await desk.TheIncidentAsync()).Round, (await desk.TheIncidentAsync()).FiringAlerts));

        await RecoverAsync("B");
        Assert.True((await desk.TheIncidentAsync()).IsOpen);
        await RecoverAsync("A");
        Assert.False((await desk.TheIncidentAsync()).IsOpen);
    }

    [Fact]
    public async Task A_failure_that_comes_back_and_goes_in_one_batch_leaves_the_incident_resolved_and_says_so()
    {
        await desk.ReceiveAsync(Firing("A"));
        await RecoverAsync("A");
        desk.Clock.Advance(TimeSpan.FromMinutes(5));
        await desk.ReceiveAsync(Firing("A", startsAt: desk.Clock.GetUtcNow()), desk.Resolved("A") with { StartsAt = desk.Clock.GetUtcNow() });

        var incident = await desk.TheIncidentAsync();
        Assert.Equal((IncidentStage.Resolved, 2, 0), (incident.Stage, incident.Round, incident.FiringAlerts));
        Assert.Equal(
            [IncidentSignalKind.Opened, IncidentSignalKind.Resolved, IncidentSignalKind.Reopened, IncidentSignalKind.Resolved], desk.Told);
    }

    [Fact]
    public async Task A_resolve_reaches_the_incident_that_has_the_alert_firing_whatever_the_key_is_now()
    {
        await desk.ReceiveAsync(Firing("A"), Firing("B"));
        desk.Reconfigure(new CorrelationConfiguration { By = ["service", "alertname"] });
        await desk.ReceiveAsync(Firing("A"));
        await RecoverAsync("A");
        Assert.Equal((true, 1), ((await desk.TheIncidentAsync()).IsOpen, (await desk.TheIncidentAsync()).FiringAlerts));

        await RecoverAsync("B");
        Assert.False((await desk.TheIncidentAsync()).IsOpen);

        await desk.ReceiveAsync(Firing("A", startsAt: desk.Clock.GetUtcNow()));
        Assert.Equal("service=checkout,alertname=A", (await desk.IncidentsAsync())[1].CorrelationKey);
    }

    private Task RecoverAsync(string name) => desk.ReceiveAsync(desk.Resolved(name));
}
