using Pipeline.Hosting;
using Pipeline.Incidents;

namespace Pipeline.Communication;

/// <summary>Whether a person is told what happened to an incident, and why not.</summary>
public enum AnnouncementDecision
{
    Tell,

    /// <summary>Nothing that ends or changes what a page said.</summary>
    NotNews,

    /// <summary>The person was never paged for it and doesn't have it: the end of what one never heard of is no news.</summary>
    NotConcerned,

    /// <summary>A page goes to the person for it, and says it already.</summary>
    PagedAnew,

    /// <summary>The person did it.</summary>
    DidIt,
}

/// <summary>What a person has to do with an incident.</summary>
/// <param name="WasPaged">A page for it was tried, whether or not it arrived.</param>
/// <param name="HasIt">Its commander, or who acknowledged it.</param>
/// <param name="IsPagedAnew">The escalation that the signal begins or drives on pages the person.</param>
/// <param name="DidIt">The signal tells of the person's own command.</param>
public readonly record struct Involvement(bool WasPaged, bool HasIt, bool IsPagedAnew, bool DidIt);

/// <summary>
/// Decides who hears that an incident is over, came back or got worse: everybody who was woken by it or has it, once.
/// </summary>
public static class AnnouncementPlan
{
    public static AnnouncementDecision Decide(IncidentSignalKind kind, Involvement person)
    {
        if (kind is not IncidentSignalKind.Resolved and not IncidentSignalKind.Reopened and not IncidentSignalKind.SeverityRaised)
        {
            return AnnouncementDecision.NotNews;
        }

        if (person is { WasPaged: false, HasIt: false })
        {
            return AnnouncementDecision.NotConcerned;
        }

        if (person.DidIt)
        {
            return AnnouncementDecision.DidIt;
        }

        return person.IsPagedAnew && kind != IncidentSignalKind.Resolved
            ? AnnouncementDecision.PagedAnew
            : AnnouncementDecision.Tell;
    }

    /// <summary>Returns the ids of the people whose page says what the signal does: those whom its escalation pages first, or pages again.</summary>
    /// <param name="incident">As it is after the signal.</param>
    /// <param name="pagedInRound">Who was paged by the escalation that the signal belongs to, whether before it or because of it.</param>
    public static IReadOnlyList<string> PagedAnew(
        Incident incident, IncidentSignal signal, EscalationPolicyConfiguration? policy, IReadOnlyCollection<string> pagedInRound)
    {
        if (policy is null || !policy.Pages.Contains(incident.Severity) || !incident.WantsPages || signal.HoldPageUntil is not null)
        {
            return [];
        }

        // A rise before the acknowledgement pages the level again that the escalation has come to; one after it begins another, as a reopening does.
        var first = policy.Levels.FirstOrDefault(level => level.Targets.Count > 0)?.Targets ?? [];
        return signal.Kind switch
        {
            IncidentSignalKind.Reopened => first,
            IncidentSignalKind.SeverityRaised => [.. first.Union(pagedInRound, StringComparer.Ordinal)],
            _ => [],
        };
    }
}
