using System.Globalization;

namespace Pipeline.Incidents;

/// <summary>What an alert that joins an incident means to the people who have it.</summary>
public enum JoinEffect
{
    /// <summary>Nobody has it yet: whoever is paged sees it. Or the incident knew the alert.</summary>
    None,

    /// <summary>Who has the incident is told.</summary>
    Told,

    /// <summary>It failed elsewhere too: an acknowledgement of the one is none of the other, so somebody is paged.</summary>
    Widens,

    /// <summary>It is worse than what was acknowledged; the rise of the severity pages.</summary>
    Raises,
}

/// <param name="ToldAt">When who has the incident was last told; null before the first time.</param>
/// <param name="Names">Of the alerts that joined since, by name.</param>
/// <param name="More">Alerts beyond those names.</param>
public sealed record JoinedAlerts(DateTimeOffset? ToldAt, IReadOnlyList<string> Names, int More = 0)
{
    /// <summary>So many names are kept; a storm's others are counted.</summary>
    public const int MaxNames = 20;

    public int Count => Names.Count + More;

    public JoinedAlerts With(IReadOnlyList<string> joined)
    {
        IReadOnlyList<string> names = [.. Names, .. joined.Take(Math.Max(0, MaxNames - Names.Count))];
        return this with { Names = names, More = More + joined.Count - (names.Count - Names.Count) };
    }
}

/// <summary>An acknowledgement never swallows a failure of something else: what joins is told, and what widens pages.</summary>
public static class Joining
{
    /// <summary>Between two notices that alerts joined: one storm is a few messages, not one an alert.</summary>
    public static readonly TimeSpan NoticeEvery = TimeSpan.FromMinutes(5);

    /// <param name="adds">What the alert adds to the incident's reach; null where nothing.</param>
    /// <param name="severity">What the alert alone calls for. SEV-4 wakes nobody by the seed, so it doesn't widen.</param>
    /// <param name="rises">The batch raises the incident's severity.</param>
    public static JoinEffect Decide(Incident incident, AlertNews news, string? adds, Severity severity, bool rises)
    {
        if (!incident.IsOpen || incident.EscalationAcknowledgedAt is null)
        {
            return JoinEffect.None;
        }

        if (rises)
        {
            return JoinEffect.Raises;
        }

        if (adds is not null && severity != Severity.Sev4)
        {
            return JoinEffect.Widens;
        }

        return news == AlertNews.New ? JoinEffect.Told : JoinEffect.None;
    }

    /// <summary>Records how far the incident reaches with the alerts that fired, and pages or notes where somebody has it already.</summary>
    internal static void Apply(IncidentChange change, IReadOnlyList<IntakeItem> fired, bool rises)
    {
        var joined = new List<string>();
        var widened = new List<(IntakeItem By, string Adds)>();
        var before = change.Head;
        var reach = IncidentReach.Of(before);
        foreach (var item in fired)
        {
            var adds = reach.Adds(item.Scope);
            reach = reach.With(item.Scope);
            switch (Decide(before, item.Known is null ? AlertNews.New : AlertNews.Refired, adds, item.Severity.Severity, rises))
            {
                case JoinEffect.Widens:
                    widened.Add((item, adds!));
                    break;
                case JoinEffect.Told:
                    joined.Add(IntakeTexts.NameOf(item.Alert));
                    break;
                default:
                    break;
            }
        }

        if (fired.Count > 0)
        {
            change.Head = change.Head with { Reach = reach };
        }

        if (widened.Count > 0)
        {
            Widen(change, widened);
        }

        if (joined.Count > 0)
        {
            change.Head = change.Head with { Joined = (change.Head.Joined ?? new JoinedAlerts(null, [])).With(joined) };
            TellIfDue(change);
        }
    }

    /// <summary>Tells who has the incident of the alerts that joined, unless they were told of others a moment ago.</summary>
    /// <returns>Whether there was something to tell, and it was time.</returns>
    public static bool TellIfDue(IncidentChange change)
    {
        var head = change.Head;
        if (!IsDue(head, change.Now))
        {
            return false;
        }

        var joined = head.Joined!;
        change.Head = head with { Joined = new JoinedAlerts(change.Now, []) };
        if (!head.IsOpen || head.EscalationAcknowledgedAt is null)
        {
            return false;
        }

        var names = IntakeTexts.Names(joined.Names);
        var more = joined.More == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {joined.More} others");
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{joined.Count} {(joined.Count == 1 ? "alert" : "alerts")} joined after the acknowledgement: {names}{more}.");
        change.Log(TimelineKind.Note, $"{text} Told {WhoHas(head, change.Names)}.");
        change.Signal(IncidentSignalKind.AlertsJoined, note: text);
        return true;
    }

    public static bool IsDue(Incident incident, DateTimeOffset now) =>
        incident.Joined is { Count: > 0 } joined && (joined.ToldAt is not { } told || now - told >= NoticeEvery);

    private static void Widen(IncidentChange change, List<(IntakeItem By, string Adds)> widened)
    {
        var (by, adds) = widened[0];
        change.Head = change.Head with { Lead = LeadAlert.Of(by.Alert) };
        var rest = widened.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" and {widened.Count - 1} more");
        IncidentTransitions.Widen(change, $"{IntakeTexts.NameOf(by.Alert)} fired in another place: {adds}{rest}");
    }

    private static string WhoHas(Incident head, PeopleNames names)
    {
        var holders = new[] { head.Commander, head.PresentAcknowledger }.OfType<string>().Distinct(StringComparer.Ordinal).Select(names.NameOf).ToList();
        return holders.Count == 0 ? "the first level" : string.Join(" and ", holders);
    }
}
