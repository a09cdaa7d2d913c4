using Pipeline.Alerts;
using Pipeline.Incidents;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>After downtime, or behind a busy store, an alert's firing and its resolve are handled together.</summary>
public sealed class FiringAndResolveInOneBatchTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan ReopenWindow = TimeSpan.FromMinutes(30);

    [Fact]
    public void A_resolve_behind_the_firing_that_opens_the_incident_is_applied()
    {
        var change = Open([Firing("a", 1), Firing("b", 2), Resolved("a", 3)]);

        Assert.Equal(IncidentAlertStatus.Resolved, change.Alerts["a"].Status);
        Assert.Equal(2, change.Alerts["a"].Count);
        Assert.Equal(1, change.Head.FiringAlerts);
        Assert.Equal(2, change.Head.TotalAlerts);
        Assert.True(change.Head.IsOpen);
    }

    [Fact]
    public void An_incident_whose_every_alert_recovered_meanwhile_is_opened_and_resolved()
    {
        var change = Open([Firing("a", 1), Resolved("a", 2)]);

        Assert.Equal(IncidentStage.Resolved, change.Head.Stage);
        Assert.Equal([IncidentSignalKind.Opened, IncidentSignalKind.Resolved], change.Head.Signals.Select(signal => signal.Kind));
    }

    [Fact]
    public void A_resolve_of_an_alert_that_nobody_saw_firing_opens_nothing()
    {
        var plan = IntakeStages.Plan(null, [Resolved("a", 1)], Now, ReopenWindow);

        Assert.Empty(plan.Here);
        Assert.Empty(plan.ForNewIncident);
    }

    private static IncidentChange Open(IReadOnlyList<IntakeItem> items)
    {
        var plan = IntakeStages.Plan(null, items, Now, ReopenWindow);
        Assert.Empty(plan.Here);
        var claim = new CorrelationClaim("service=checkout", "INC-1", 1, Now);
        return IntakeStages.Open(claim, plan.ForNewIncident, new AlertScope("checkout", "production", null), Now, holdPageUntil: null);
    }

    private static IntakeItem Firing(string fingerprint, long sequence) => Item(fingerprint, AlertStatus.Firing, sequence);

    private static IntakeItem Resolved(string fingerprint, long sequence) => Item(fingerprint, AlertStatus.Resolved, sequence);

    /// <summary>As the stages before make it of an alert that no incident has.</summary>
    private static IntakeItem Item(string fingerprint, AlertStatus status, long sequence)
    {
        var alert = new Alert
        {
            Fingerprint = fingerprint,
            Status = status,
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = fingerprint },
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal),
            StartsAt = Now.AddMinutes(-1),
            EndsAt = status == AlertStatus.Resolved ? Now : null,
            Source = "alertmanager",
            ReceivedAt = Now,
        };
        return new IntakeItem(
            alert,
            sequence,
            Known: null,
            Deduplication.Decide(null, alert, sequence),
            new ClassificationDecision(Severity.Sev1, ClassificationSource.Label, "label severity=critical"));
    }
}
