using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;
using static Pipeline.Shared.Tests.Incidents.IntakeDesk;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class AlertIntakeTests
{
    private readonly IntakeDesk desk = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_failure_opens_an_incident_that_says_what_is_known()
    {
        await desk.ReceiveAsync(Firing("HighErrorRate", "high", evidence: "summary=Checkout fails;error_rate=60%"));

        var incident = await desk.TheIncidentAsync();
        Assert.Equal(("INC-1", "Checkout fails", Severity.Sev1), (incident.Id, incident.Title, incident.Severity));
        Assert.Equal("error_rate over 50 (rules: reference)", incident.SeverityReason);
        Assert.Equal(("checkout", "production", 1, 1), (incident.Service, incident.Environment, incident.FiringAlerts, incident.TotalAlerts));
        Assert.Equal((desk.Clock.GetUtcNow().AddMinutes(-1), desk.Clock.GetUtcNow()), (incident.StartedAt, incident.DetectedAt));
        Assert.Equal([IncidentSignalKind.Opened], desk.Told);
        Assert.Empty(incident.Signals);
    }

    [Fact]
    public async Task Two_Prometheus_replicas_with_starts_of_their_own_tell_of_one_failure()
    {
        var first = desk.Clock.GetUtcNow();
        foreach (var startsAt in new[] { first, first.AddSeconds(14), first, first.AddSeconds(14) })
        {
            desk.Clock.Advance(TimeSpan.FromSeconds(15));
            await desk.ReceiveAsync(Firing("A", startsAt: startsAt) with { ReceivedAt = desk.Clock.GetUtcNow() });
        }

        var incident = await desk.TheIncidentAsync();
        Assert.Equal(4, (await desk.AlertAsync(incident.Id, Firing("A"))).Count);
        Assert.Equal([IncidentSignalKind.Opened], desk.Told);
        Assert.Single(await desk.TimelineAsync(incident.Id), text => text.StartsWith("Fired:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Labels_cannot_write_lines_into_the_timeline_or_grow_it()
    {
        await desk.ReceiveAsync(Firing($"A\nResolved by alice\u0007\u202e{new string('x', 5000)}", service: "shop\n\tback"));
        var incident = await desk.TheIncidentAsync();
        Assert.All(
            [incident.Title, incident.Service, .. await desk.TimelineAsync(incident.Id)],
            text => Assert.True(text.Length < 1000 && !text.Any(character => char.IsControl(character) || character == '\u202e'), text));
    }

    [Fact]
    public async Task D6_A_severity_that_is_not_known_is_logged_once_a_word()
    {
        using var log = new LogRecorder();
        var intake = desk.CreateIntake(new CorrelationConfiguration(), log.For<AlertIntake>());
        for (var i = 0; i < 3; i++)
        {
            await intake.HandleAsync("session", [desk.Message(Firing("A", "purple")), desk.Message(Firing("B", "pink"))], Token);
            desk.Clock.Advance(TimeSpan.FromDays(1));
        }

        var lines = log.Entries.Where(entry => entry.Id == 122).Select(entry => entry.Text).ToList();
        Assert.Equal(2, lines.Count);
        Assert.StartsWith("The severity 'purple' of alert ", lines[0], StringComparison.Ordinal);
        Assert.Equal("severity label 'purple' is not known; default SEV-3", (await desk.TheIncidentAsync()).SeverityReason);
    }

    [Fact]
    public async Task A_batch_that_comes_twice_changes_nothing()
    {
        var batch = await desk.ReceiveAsync(Firing("A"), Firing("B"), desk.Resolved("A"));
        var before = await desk.TheIncidentAsync();
        var timeline = await desk.TimelineAsync(before.Id);

        await desk.HandleAsync(batch);

        Assert.Equivalent(before, await desk.TheIncidentAsync(), strict: true);
        Assert.Equal(timeline, await desk.TimelineAsync(before.Id));
        Assert.Equal(2, (await desk.AlertAsync(before.Id, Firing("A"))).Count);
        Assert.Equal([IncidentSignalKind.Opened], desk.Told);
    }

    [Fact]
    public async Task A_resolve_before_its_firing_begins_nothing_and_takes_nothing_from_the_failure()
    {
        await desk.ReceiveAsync(desk.Resolved("A"));
        Assert.Empty(await desk.IncidentsAsync());

        await desk.ReceiveAsync(Firing("B"), desk.Resolved("A"), Firing("A"));
        var incident = await desk.TheIncidentAsync();
        Assert.Equal((IncidentStage.Detected, 2, 2), (incident.Stage, incident.FiringAlerts, incident.TotalAlerts));
    }

    [Fact]
    public async Task The_last_alert_that_recovers_resolves_the_incident()
    {
        await desk.ReceiveAsync(Firing("A"), Firing("B"));
        await desk.ReceiveAsync(desk.Resolved("A"));
        Assert.Equal(1, (await desk.TheIncidentAsync()).FiringAlerts);
        Assert.True((await desk.TheIncidentAsync()).IsOpen);

        desk.Clock.Advance(TimeSpan.FromMinutes(3));
        await desk.ReceiveAsync(desk.Resolved("B"));
        var incident = await desk.TheIncidentAsync();
        Assert.Equal((IncidentStage.Resolved, 0, desk.Clock.GetUtcNow()), (incident.Stage, incident.FiringAlerts, incident.ResolvedAt));
        Assert.Null(incident.ResolvedBy);
        Assert.Equal([IncidentSignalKind.Opened, IncidentSignalKind.Resolved], desk.Told);
    }

    [Fact]
    public async Task One_recovers_while_another_fails_in_one_batch_and_the_incident_goes_on()
    {
        await desk.ReceiveAsync(Firing("A"));
        await desk.ReceiveAsync(desk.Resolved("A"), Firing("B"));

        var incident = await desk.TheIncidentAsync();
        Assert.Equal((IncidentStage.Detected, 1, 1, 2), (incident.Stage, incident.Round, incident.FiringAlerts, incident.TotalAlerts));
        Assert.Equal([IncidentSignalKind.Opened], desk.Told);
    }

    [Fact]
    public async Task An_alert_that_fires_and_recovers_in_one_batch_leaves_an_open_incident_as_it_was()
    {
        await desk.ReceiveAsync(Firing("A"));
        await desk.ReceiveAsync(Firing("B"), desk.Resolved("B"));
        var incident = await desk.TheIncidentAsync();
        Assert.Equal((true, 1, 2), (incident.IsOpen, incident.FiringAlerts, incident.TotalAlerts));
        Assert.Equal(IncidentAlertStatus.Resolved, (await desk.AlertAsync(incident.Id, Firing("B"))).Status);
    }

    [Fact]
    public async Task Batches_of_more_than_a_hundred_alerts_are_applied_whole()
    {
        await desk.ReceiveAsync(Enumerable.Range(0, 250).Select(number => Firing($"A{number}")));
        var incident = await desk.TheIncidentAsync();
        Assert.Equal((250, 250), (incident.FiringAlerts, incident.TotalAlerts));

        await desk.ReceiveAsync(Enumerable.Range(0, 250).Select(number => desk.Resolved($"A{number}")));
        incident = await desk.TheIncidentAsync();
        Assert.Equal((IncidentStage.Resolved, 0, 250), (incident.Stage, incident.FiringAlerts, incident.TotalAlerts));
    }

    [Fact]
    public async Task Alerts_of_two_services_in_one_batch_are_two_incidents()
    {
        await desk.ReceiveAsync(Firing("A"), Firing("A", service: "search"), Firing("B"));
        Assert.Equal([("checkout", 2), ("search", 1)], (await desk.IncidentsAsync()).Select(incident => (incident.Service, incident.FiringAlerts)));
    }

    [Fact]
    public async Task A_message_that_holds_no_alert_is_given_up_and_the_others_are_applied()
    {
        ReceivedMessage[] messages = [desk.Message(Firing("A")), desk.Message("{}"u8.ToArray()), desk.Message(Firing("B"))];
        var settlements = await desk.Intake.HandleAsync("session", messages, Token);
        Assert.Equal(messages[1].Sequence, Assert.Single(settlements.OfType<Settlement.GiveUp>()).Sequence);
        Assert.Equal(2, settlements.OfType<Settlement.Complete>().Count());
        Assert.Equal(2, (await desk.TheIncidentAsync()).FiringAlerts);
    }

    [Fact]
    public async Task Severity_rises_with_the_evidence_and_no_repeat_lowers_it()
    {
        await desk.ReceiveAsync(Firing("A", "warning", evidence: "error_rate=2"));
        Assert.Equal(Severity.Sev3, (await desk.TheIncidentAsync()).Severity);

        await desk.ReceiveAsync(Firing("A", "warning", evidence: "error_rate=60"));
        var incident = await desk.TheIncidentAsync();
        Assert.Equal((Severity.Sev1, "error_rate over 50 (rules: reference)"), (incident.Severity, incident.SeverityReason));

        await desk.ReceiveAsync(Firing("A", "warning", evidence: "error_rate=2"));
        Assert.Equal(Severity.Sev1, (await desk.TheIncidentAsync()).Severity);
        Assert.Equal([IncidentSignalKind.Opened, IncidentSignalKind.SeverityRaised], desk.Told);
    }

    [Fact]
    public async Task A_repeat_does_not_undo_what_a_commander_judged_but_worse_news_does()
    {
        await desk.ReceiveAsync(Firing("A", "high"));
        await desk.Commands.SetSeverityAsync("INC-1", Severity.Sev4, "only the staff's shop", new IncidentCommand("alice"), Token);

        await desk.ReceiveAsync(Firing("A", "high"));
        Assert.Equal(Severity.Sev4, (await desk.TheIncidentAsync()).Severity);
        await desk.ReceiveAsync(Firing("A", "high", evidence: "error_rate=60"));
        Assert.Equal(Severity.Sev1, (await desk.TheIncidentAsync()).Severity);
    }

    [Fact]
    public async Task A_stale_alert_keeps_its_incident_open_until_it_recovers()
    {
        await desk.ReceiveAsync(Firing("A"));
        var stale = new StaleAlerts(desk.Store, desk.Table, desk.Lag, new SenderMemory(desk.Table), new CorrelationConfiguration(), NullLogger<StaleAlerts>.Instance);
        desk.Clock.Advance(TimeSpan.FromHours(5));
        for (var minute = 0; minute <= StaleAlerts.GraceAfterDeafness.TotalMinutes + 1; minute++)
        {
            await stale.SweepAsync(Token);
            desk.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var incident = await desk.TheIncidentAsync();
        Assert.Equal((true, 1), (incident.IsOpen, incident.FiringAlerts));
        Assert.Equal(IncidentAlertStatus.Stale, (await desk.AlertAsync(incident.Id, Firing("A"))).Status);
        Assert.Single(await desk.TimelineAsync(incident.Id), text => text.StartsWith("Stale: 1 alert is", StringComparison.Ordinal));

        await desk.ReceiveAsync(desk.Resolved("A"));
        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
    }
}
