using System.Globalization;
using Pipeline.Escalation;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Walks;

/// <summary>What holds in every state of the product that comes to rest, whatever led to it.</summary>
internal static class Invariants
{
    /// <summary>By name: what is broken, in words; nothing where it holds.</summary>
    private static readonly (string Name, Func<IncidentWorld, Incident, IReadOnlyList<TimelineEntry>, Task<string?>> Broken)[] OfIncidents =
    [
        ("An incident that wants pages has a running escalation or a line that says why not", SomebodyIsPagedAsync),
        ("An open incident with a clock has a cadence that runs", UpdatesAreAskedForAsync),
        ("What was a SEV-1 or SEV-2 and is over has its postmortem", ThereIsAPostmortemAsync),
        ("The timeline is numbered from 0 without gaps", TimelineHasNoGapsAsync),
        ("The head counts the alerts beside it", AlertsAreCountedAsync),
        ("The head counts the updates on its timeline", UpdatesAreCountedAsync),
        ("All is told", AllIsToldAsync),
        ("An escalation that was acknowledged knows by whom", TheAcknowledgerIsKnownAsync),
        ("No incident is worse than the worst it ever was", TheWorstIsKeptAsync),
        ("What isn't over has no end", NothingOpenHasEndedAsync),
    ];

    /// <summary>The broken ones: name and facts.</summary>
    public static async Task<IReadOnlyList<string>> BrokenInAsync(IncidentWorld world)
    {
        var broken = new List<string>();
        var incidents = (await world.Store.ListAsync(openOnly: false, 100, null, Token)).Items;
        foreach (var incident in incidents)
        {
            var timeline = await world.Store.TimelineAsync(incident.Id, 0, 1000, Token);
            foreach (var (name, check) in OfIncidents)
            {
                if (await check(world, incident, timeline) is { } facts)
                {
                    broken.Add($"{name}: {incident.Id}, {incident.Severity.Text()}, {incident.Stage}: {facts}");
                }
            }
        }

        broken.AddRange(await IndexIsWholeAsync(world, incidents));
        broken.AddRange(await EveryFiringAlertIsHeldAsync(world));
        broken.AddRange(incidents.Where(incident => incident.IsOpen).GroupBy(incident => incident.CorrelationKey).Where(group => group.Count() > 1)
            .Select(group => $"One open incident a key: {string.Join(", ", group.Select(incident => incident.Id))} of {group.Key}"));
        var failed = await world.Orchestrations.ListAsync(new OrchestrationQuery(RuntimeStatus: OrchestrationStatus.Failed), Token);
        broken.AddRange(failed.Items.Select(instance => $"No process fails: {instance.InstanceId}: {instance.FailureDetails}"));
        return broken;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<string?> SomebodyIsPagedAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline)
    {
        if (!incident.WantsPages)
        {
            return null;
        }

        var id = Incident.InstanceId(EscalationOrchestration.Name, incident.Id, incident.EscalationRound);
        if (await world.Orchestrations.GetAsync(id, Token) is { IsRunning: true })
        {
            return null;
        }

        var pages = world.Policies.For(incident.Service).Pages.Contains(incident.Severity);
        var saysWhyNot = timeline.Any(entry => pages
            ? entry.Key == $"{id}:end" && entry.Text.Contains("every level was paged", StringComparison.Ordinal)
            : entry.Kind is TimelineKind.PageWithheld or TimelineKind.EscalationEnded);
        return saysWhyNot ? null : $"{id} doesn't run";
    }

    private static async Task<string?> UpdatesAreAskedForAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline) =>
        !incident.IsOpen || incident.Severity == Severity.Sev4 || await IsRunningAsync(world, $"cadence-{Round(incident)}") ? null : "no cadence";

    private static async Task<string?> ThereIsAPostmortemAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline) =>
        incident.IsOpen || incident.Worst > Severity.Sev2
        || await world.Orchestrations.GetAsync($"postmortem-{Round(incident)}", Token) is
            { RuntimeStatus: OrchestrationStatus.Pending or OrchestrationStatus.Running or OrchestrationStatus.Completed }
            ? null
            : "no postmortem";

    private static Task<string?> TimelineHasNoGapsAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline) =>
        Facts(timeline.Select(entry => entry.Number).SequenceEqual(Enumerable.Range(0, incident.NextEntry)), $"{timeline.Count} of {incident.NextEntry}");

    private static async Task<string?> AlertsAreCountedAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline)
    {
        var alerts = await world.Store.AlertsAsync(incident.Id, 1000, Token);
        var counted = (alerts.Count(alert => alert.Status != IncidentAlertStatus.Resolved), alerts.Count);
        return counted == (incident.FiringAlerts, incident.TotalAlerts) ? null : $"{(incident.FiringAlerts, incident.TotalAlerts)} are {counted}";
    }

    private static Task<string?> UpdatesAreCountedAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline) =>
        Facts(timeline.Count(entry => entry.Kind == TimelineKind.UpdatePosted) == incident.UpdateCount, $"{incident.UpdateCount} updates");

    private static Task<string?> AllIsToldAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline) =>
        Facts(incident.Signals.Count == 0, $"{string.Join(", ", incident.Signals.Select(signal => signal.Kind))} left");

    private static Task<string?> TheAcknowledgerIsKnownAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline) =>
        Facts(
            (incident.EscalationAcknowledgedAt is null) == (incident.EscalationAcknowledgedBy is null),
            $"{incident.EscalationAcknowledgedAt} by {incident.EscalationAcknowledgedBy}");

    private static Task<string?> TheWorstIsKeptAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline)
    {
        var worst = timeline.Where(entry => entry.Kind is TimelineKind.Opened or TimelineKind.SeverityChanged)
            .SelectMany(entry => Severities.All.Where(severity => entry.Text.Split(':')[0].Contains(severity.Text(), StringComparison.Ordinal)))
            .Min();
        return Facts(incident.Worst == worst, $"{incident.Worst.Text()} is kept and it was {worst.Text()}");
    }

    private static Task<string?> NothingOpenHasEndedAsync(IncidentWorld world, Incident incident, IReadOnlyList<TimelineEntry> timeline) =>
        Facts(
            incident.IsOpen ? incident.ResolvedAt is null && (incident.MitigatedAt is null || incident.Stage == IncidentStage.Monitoring) : incident.MitigatedAt is not null,
            $"mitigated {incident.MitigatedAt}, resolved {incident.ResolvedAt}");

    private static async Task<IReadOnlyList<string>> IndexIsWholeAsync(IncidentWorld world, IReadOnlyList<Incident> incidents)
    {
        var indexed = await world.Store.OpenAsync(Token).Select(incident => incident.Id).ToListAsync(Token);
        return
        [
            .. incidents.Where(incident => incident.IsOpen && !indexed.Contains(incident.Id))
                .Select(incident => $"The index of open incidents lacks none: {incident.Id}"),
        ];
    }

    /// <summary>A person may resolve over an alert that fires; nobody else may.</summary>
    private static async Task<IReadOnlyList<string>> EveryFiringAlertIsHeldAsync(IncidentWorld world)
    {
        var lost = new List<string>();
        foreach (var alert in world.Firing)
        {
            var id = await world.Store.GetIncidentOfAlertAsync(alert.Fingerprint, Token);
            var incident = id is null ? null : await world.Store.GetAsync(id, Token);
            var known = id is null ? null : await world.Store.GetAlertAsync(id, alert.Fingerprint, Token);
            if (known is not { Status: IncidentAlertStatus.Firing } || (incident is { IsOpen: false, ResolvedBy: null }))
            {
                lost.Add($"An alert that fires is held by an open incident: {alert.Name} in {id}: {known?.Status}, {incident?.Stage}");
            }
        }

        return lost;
    }

    private static async Task<bool> IsRunningAsync(IncidentWorld world, string id) =>
        await world.Orchestrations.GetAsync(id, Token) is { IsRunning: true };

    private static string Round(Incident incident) =>
        incident.Round == 1 ? incident.Id : string.Create(CultureInfo.InvariantCulture, $"{incident.Id}.{incident.Round}");

    private static Task<string?> Facts(bool holds, string facts) => Task.FromResult(holds ? null : facts);
}
