using System.Globalization;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;

namespace Pipeline.Escalation;

/// <param name="Escalation">
/// The instance that asks; with the position and the incident's severity it names the step, so that a level is paged once for a severity,
/// also where the step runs twice.
/// </param>
/// <param name="Raise">What raised the severity, where that is why somebody is paged.</param>
/// <param name="Again">The level was paged before, for a milder severity.</param>
public sealed record EscalationPage(
    string IncidentId,
    int Round,
    string Escalation,
    EscalationPosition Position,
    string Level,
    IReadOnlyList<string> Targets,
    EscalationRaise? Raise = null,
    bool Again = false);

public sealed record EscalationHold(string IncidentId, string Escalation, DateTimeOffset Until);

public sealed record EscalationEnd(string IncidentId, string Escalation, EscalationOutcome Outcome);

/// <summary>What an escalation does to the world: it pages, and every page or its absence is a line on the timeline.</summary>
internal sealed class EscalationActivities(
    IncidentStore store,
    NotificationSender sender,
    IReadOnlyDictionary<string, Person> people,
    IReadOnlyDictionary<string, ServiceConfiguration> services,
    Uri? baseUrl)
{
    public void Register(OrchestrationCatalog catalog) => catalog
        .AddOrchestrator(EscalationOrchestration.Name, EscalationOrchestration.RunAsync)
        .AddActivity<EscalationPage, EscalationOutcome>(EscalationOrchestration.PageActivity, PageAsync)
        .AddActivity<EscalationHold, bool>(EscalationOrchestration.HoldActivity, HoldAsync)
        .AddActivity<EscalationEnd, bool>(EscalationOrchestration.EndActivity, EndAsync);

    /// <summary>Whether a page for this round may still go out; the reason where not.</summary>
    internal static EscalationOutcome Wanted(Incident incident, int round)
    {
        if (incident.EscalationRound != round)
        {
            return EscalationOutcome.Superseded;
        }

        if (!incident.IsOpen)
        {
            return EscalationOutcome.Resolved;
        }

        return incident.EscalationAcknowledgedAt is null ? EscalationOutcome.Page : EscalationOutcome.Acknowledged;
    }

    private async Task<EscalationOutcome> PageAsync(EscalationPage page, CancellationToken cancellationToken)
    {
        var edit = await store.EditAsync(page.IncidentId, change => Decide(change, page), cancellationToken).ConfigureAwait(false);
        if (edit is null)
        {
            return EscalationOutcome.Resolved;
        }

        // Asked again after a crash: the entry is there, the notifications may not be. Their keys keep them single.
        if (edit.Result == EscalationOutcome.Page)
        {
            await sender.SendAsync(NotificationsOf(edit.Incident, page), cancellationToken).ConfigureAwait(false);
        }

        return edit.Result;
    }

    private EscalationOutcome Decide(IncidentChange change, EscalationPage page)
    {
        var wanted = Wanted(change.Head, page.Round);
        if (wanted != EscalationOutcome.Page)
        {
            return wanted;
        }

        var reachable = page.Targets.Where(target => people.TryGetValue(target, out var person) && person.Contacts.Count > 0).ToList();
        var step = $"{page.Escalation}:{StepOf(change.Head, page)}";
        var pass = page.Position.Pass == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", repetition {page.Position.Pass}");
        if (reachable.Count == 0)
        {
            change.Log(TimelineKind.PageFailed, $"Nobody can be paged at level {page.Level}{pass}: {string.Join(", ", page.Targets.Select(NameOf))} can't be reached.", key: step);
            return EscalationOutcome.Unreachable;
        }

        var missing = page.Targets.Except(reachable, StringComparer.Ordinal).ToList();
        var whoIsNot = missing.Count == 0 ? "" : $" {string.Join(", ", missing.Select(NameOf))} can't be reached.";
        var again = page.Again ? " again" : "";
        var raised = page.Raise is { } raise ? $" {Raised(change.Head, raise)}" : "";
        var names = string.Join(", ", reachable.Select(NameOf));
        change.Log(TimelineKind.Paging, $"Paging {names}{again} ({page.Level}{pass}).{raised}{whoIsNot}", key: step);
        return EscalationOutcome.Page;
    }

    // The severity is the incident's and not the asker's: a page that says it already isn't sent again when the news of the rise arrives.
    private static string StepOf(Incident incident, EscalationPage page) =>
        string.Create(CultureInfo.InvariantCulture, $"{page.Position.Pass}.{page.Position.Level}.sev{(int)incident.Severity}");

    private string Raised(Incident incident, EscalationRaise raise)
    {
        var why = (raise.By, raise.Note) switch
        {
            ({ } person, { Length: > 0 } note) => $" by {NameOf(person)}: {note}",
            ({ } person, _) => $" by {NameOf(person)}",
            (null, { Length: > 0 } note) => $" by {note}",
            _ => "",
        };
        return $"Raised to {incident.Severity.Text()}{why}.";
    }

    private List<Notification> NotificationsOf(Incident incident, EscalationPage page)
    {
        var notifications = new List<Notification>();
        foreach (var target in page.Targets)
        {
            if (!people.TryGetValue(target, out var person))
            {
                continue;
            }

            notifications.AddRange(person.Contacts.Select((contact, index) => new Notification
            {
                Key = NotificationKey.Of(
                    NotificationPurpose.Page,
                    incident.Id,
                    page.Round,
                    string.Create(CultureInfo.InvariantCulture, $"{StepOf(incident, page)}.{index}"),
                    target,
                    contact.Channel),
                Channel = contact.Channel,
                Address = contact.Address,
                PersonId = target,
                PersonName = person.Name,
                Purpose = NotificationPurpose.Page,
                IncidentId = incident.Id,
                Severity = incident.Severity,
                EscalationRound = page.Round,
                Title = $"{incident.Severity.Text()} {incident.Id}: {incident.Title}",
                Text = WithRunbook(TextOf(incident, page), incident.Service),
                Link = IncidentLinks.To(baseUrl, incident.Id),
                CreatedAt = store.Time.GetUtcNow(),
            }));
        }

        return notifications;
    }

    private string TextOf(Incident incident, EscalationPage page)
    {
        var severity = page.Raise is { } raise ? Raised(incident, raise) : $"Severity from {incident.SeverityReason}.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Lead(incident)}{incident.Service} in {incident.Environment}, since {incident.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC. {incident.FiringAlerts} firing. "
            + $"{severity} You are paged as {page.Level}. Acknowledge to stop the pages.");
    }

    private string WithRunbook(string text, string service) =>
        services.GetValueOrDefault(service)?.Runbook is { } runbook && !text.Contains(runbook, StringComparison.Ordinal)
            ? $"{text}\nRunbook: {runbook}"
            : text;

    // First, since a phone shows the beginning.
    private static string Lead(Incident incident) => string.Concat((incident.Lead?.Lines() ?? []).Select(line => $"{line}\n"));

    private string NameOf(string target) => people.TryGetValue(target, out var person) ? person.Name : target;

    private async Task<bool> HoldAsync(EscalationHold hold, CancellationToken cancellationToken)
    {
        var until = hold.Until.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        await store.EditAsync(
            hold.IncidentId,
            change =>
            {
                change.Log(
                    TimelineKind.PageWithheld,
                    $"No page before {until} UTC: the same alerts were paged for a short while ago (cooldown).",
                    key: $"{hold.Escalation}:hold");
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> EndAsync(EscalationEnd end, CancellationToken cancellationToken)
    {
        var timeline = await store.WholeTimelineAsync(end.IncidentId, cancellationToken).ConfigureAwait(false);
        var text = EscalationEndText.Of(end.Outcome, end.Escalation, timeline);
        await store.EditAsync(
            end.IncidentId,
            change =>
            {
                change.Log(TimelineKind.EscalationEnded, text, key: $"{end.Escalation}:end");
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return true;
    }
}
