using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;

namespace Pipeline.Communication;

/// <summary>
/// Finds who hears of what happened to an incident: the console, and the people whom <see cref="AnnouncementPlan"/> names.
/// </summary>
internal sealed class ConcernedPeople(
    DeliveryLog deliveries, Recipients recipients, PipelineConfiguration configuration)
{
    /// <summary>Returns the console and everybody who is told, each way once.</summary>
    public async Task<Audience> FindAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
    {
        // Read only where somebody can be told: an opening concerns nobody yet.
        var anybody = new Involvement(WasPaged: true, HasIt: true, IsPagedAnew: false, DidIt: false);
        if (AnnouncementPlan.Decide(signal.Kind, anybody) != AnnouncementDecision.Tell)
        {
            return Recipients.Console;
        }

        var all = await deliveries.ListAsync(incident.Id, cancellationToken).ConfigureAwait(false);
        var told = Decide(incident, signal, [.. all.Where(WasTried)])
            .Where(person => person.Decision == AnnouncementDecision.Tell)
            .Select(person => person.Id)
            .ToList();
        return told.Count == 0 ? Recipients.Console : Recipients.Console.And(WithoutConsole(recipients.Of(told)));
    }

    /// <summary>Returns each person that is paged for the incident or has it, with what is decided for them.</summary>
    private List<(string Id, AnnouncementDecision Decision)> Decide(
        Incident incident, IncidentSignal signal, IReadOnlyList<DeliveryRecord> pages)
    {
        var paged = pages.Select(page => page.PersonId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var holders = new[] { incident.Commander, incident.AcknowledgedBy, incident.PresentAcknowledger }.SelectMany(IdsOf).ToHashSet(StringComparer.Ordinal);
        var doers = IdsOf(signal.By).ToHashSet(StringComparer.Ordinal);
        var inRound = pages.Where(page => NotificationKey.RoundOf(page.Key) == signal.EscalationRound).Select(page => page.PersonId).OfType<string>().ToList();
        var anew = AnnouncementPlan.PagedAnew(incident, signal, recipients.PolicyOf(incident.Service), inRound).ToHashSet(StringComparer.Ordinal);
        return [.. paged.Union(holders, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(id => (id, DecideOn(id)))];

        AnnouncementDecision DecideOn(string id) => AnnouncementPlan.Decide(
            signal.Kind, new Involvement(paged.Contains(id), holders.Contains(id), anew.Contains(id), doers.Contains(id)));
    }

    private IReadOnlyList<string> IdsOf(string? idOrName) => idOrName is null ? [] : recipients.IdsOf(idOrName);

    private static bool WasTried(DeliveryRecord record) => record is { Purpose: NotificationPurpose.Page, Attempts: > 0 };

    // The room has the line already; once more for each person who is paged there would only be noise.
    private Audience WithoutConsole(Audience people) => people with
    {
        Recipients = [.. people.Recipients.Where(way => !IsConsole(way.Contact.Channel))],
    };

    private bool IsConsole(string channel) =>
        configuration.Channels.TryGetValue(channel, out var known)
            ? known.Kind == ChannelKind.Console
            : channel == PipelineConfiguration.Console;
}
