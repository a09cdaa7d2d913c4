using System.Globalization;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd.Crash;

/// <summary>Everything that was seen, by the clients, the receiver and the API.</summary>
internal sealed record CrashEvidence(
    IReadOnlyList<SentAlert> Sent,
    IReadOnlyList<IncidentView> Incidents,
    IReadOnlyDictionary<string, IReadOnlyList<TimelineView>> Timelines,
    IReadOnlyList<ReceivedPage> Received,
    IReadOnlyDictionary<string, DateTimeOffset> Acknowledged,
    CrashingPipeline Pipeline);

/// <summary>What is wrong, in words; nothing where all is well. Each rule looks at the evidence alone.</summary>
internal static class CrashFindings
{
    private const string AlertId = "alert_id";

    /// <summary>Every alert answered 2xx is in an incident, with the state last told and counted once for each time it was told.</summary>
    public static IEnumerable<string> OfAlerts(CrashEvidence evidence)
    {
        var held = evidence.Incidents
            .SelectMany(incident => incident.Alerts.Select(alert => (incident, alert)))
            .ToLookup(pair => pair.alert.Labels[AlertId], StringComparer.Ordinal);
        foreach (var sent in evidence.Sent.Where(sent => sent.Answered > 0))
        {
            var places = held[sent.Id].ToList();
            if (places.Count != 1)
            {
                yield return Say($"{sent.Id} of {sent.Service.Name} was answered {sent.Answered} times and is in {places.Count} incidents.");
                continue;
            }

            var (incident, alert) = places[0];
            var expected = sent.EndsAt is null ? "firing" : "resolved";
            if (!string.Equals(alert.Status, expected, StringComparison.Ordinal))
            {
                yield return Say($"{sent.Id} in {incident.Id} is {alert.Status}, was last told to be {expected}.");
            }

            // A resolved incident takes no notice of a resolve that is repeated, so a flapping alert may count less.
            var atLeast = sent.Service.Fate == ServiceFate.Flaps ? 1 : sent.Answered;
            if (alert.Count < atLeast || alert.Count > sent.Sent)
            {
                yield return Say($"{sent.Id} in {incident.Id} counts {alert.Count}; answered {sent.Answered} of {sent.Sent} posts.");
            }
        }
    }

    /// <summary>A service fails once here, so it has one incident, also where that was resolved and reopened in between.</summary>
    public static IEnumerable<string> OfIncidents(CrashEvidence evidence) => evidence.Incidents
        .GroupBy(incident => incident.Service, StringComparer.Ordinal)
        .Where(group => group.Count() > 1)
        .Select(group => $"{group.Key} has {string.Join(", ", group.Select(one => $"{one.Id} ({one.Stage})"))}.");

    /// <summary>A key may be delivered twice, but then it is the same message.</summary>
    public static IEnumerable<string> OfKeys(CrashEvidence evidence) => evidence.Received
        .GroupBy(one => one.Key, StringComparer.Ordinal)
        .Select(group => (group.Key, Bodies: group.Select(one => one.Body).Distinct(StringComparer.Ordinal).ToList()))
        .Where(group => group.Key.Length == 0 || group.Bodies.Count > 1)
        .Select(group => $"Key '{group.Key}' came with {group.Bodies.Count} contents:\n{string.Join("\n", group.Bodies)}");

    /// <summary>The ladder goes on where it was: each level once and in order, its wait kept over every restart, none after the acknowledgement.</summary>
    public static IEnumerable<string> OfEscalation(CrashEvidence evidence)
    {
        foreach (var incident in evidence.Incidents)
        {
            var fate = CrashPlan.Services.Single(service => string.Equals(service.Name, incident.Service, StringComparison.Ordinal)).Fate;
            if (fate == ServiceFate.Flaps)
            {
                continue;
            }

            var pages = FirstArrivals(evidence, incident);
            var expected = fate == ServiceFate.NobodyAcknowledges ? CrashPlan.Ladder : [.. CrashPlan.Ladder.Take(pages.Count)];
            if (!pages.Select(page => page.Address).SequenceEqual(expected, StringComparer.Ordinal))
            {
                yield return $"{incident.Id} of {incident.Service} paged {string.Join(", ", pages.Select(page => page.Address))}.";
            }

            foreach (var finding in OfWaits(evidence, incident, pages).Concat(OfAcknowledgement(evidence, incident, pages)))
            {
                yield return finding;
            }
        }
    }

    public static List<ReceivedPage> FirstArrivals(CrashEvidence evidence, IncidentView incident) =>
    [
        .. evidence.Received
            .Where(one => string.Equals(one.Purpose, "page", StringComparison.Ordinal) && string.Equals(one.IncidentId, incident.Id, StringComparison.Ordinal))
            .GroupBy(one => one.Key, StringComparer.Ordinal)
            .Select(group => group.MinBy(one => one.At)!)
            .OrderBy(one => one.At),
    ];

    private static IEnumerable<string> OfWaits(CrashEvidence evidence, IncidentView incident, List<ReceivedPage> pages)
    {
        // The wait begins when the pipeline decides to page; the page itself may be held up by a kill.
        var decided = Lines(evidence, incident, "paging").Select(line => line.At).ToList();
        if (decided.Count < pages.Count)
        {
            yield return Say($"{incident.Id} sent {pages.Count} pages and tells of {decided.Count}.");
            yield break;
        }

        var slow = evidence.Pipeline.StartTime * CrashPlan.LateInStarts;
        var mayBeLate = slow > CrashPlan.Late ? slow : CrashPlan.Late;
        foreach (var ((before, at), page) in decided.Zip(decided.Skip(1)).Zip(pages.Skip(1)))
        {
            var due = before + CrashPlan.LevelTimeout;
            var late = evidence.Pipeline.UpBetween(due, page.At);
            if (at < due - CrashPlan.Early || page.At < due - CrashPlan.Early)
            {
                yield return Say($"{incident.Id} paged {page.Address} {(due - at).TotalSeconds:0.0} s too early.");
            }
            else if (late > mayBeLate)
            {
                yield return Say($"{incident.Id} paged {page.Address} after being up for {late.TotalSeconds:0.0} s since it was due.");
            }
        }
    }

    /// <summary>Every page is told of on the timeline, as sent or, where an acknowledgement overtook its receipt, as withheld; and the timeline has no gaps.</summary>
    public static IEnumerable<string> OfTimelines(CrashEvidence evidence)
    {
        foreach (var incident in evidence.Incidents)
        {
            var pages = FirstArrivals(evidence, incident).Count;
            var sent = Lines(evidence, incident, "pageSent").Count;
            var withheld = evidence.Acknowledged.ContainsKey(incident.Id) ? Lines(evidence, incident, "pageWithheld").Count : 0;
            if (sent > pages || sent + withheld < pages)
            {
                yield return Say($"{incident.Id}: {pages} pages arrived, {sent} have a receipt as sent and {withheld} as withheld.");
            }

            var numbers = evidence.Timelines[incident.Id].Select(line => line.Number);
            if (!numbers.SequenceEqual(Enumerable.Range(0, evidence.Timelines[incident.Id].Count)))
            {
                yield return $"{incident.Id}: the timeline has gaps.";
            }
        }
    }

    private static List<TimelineView> Lines(CrashEvidence evidence, IncidentView incident, string kind) =>
        [.. evidence.Timelines[incident.Id].Where(line => string.Equals(line.Kind, kind, StringComparison.Ordinal))];

    private static IEnumerable<string> OfAcknowledgement(CrashEvidence evidence, IncidentView incident, List<ReceivedPage> pages)
    {
        if (!evidence.Acknowledged.TryGetValue(incident.Id, out var acknowledgedAt))
        {
            return [];
        }

        return pages
            .Where(page => page.At > acknowledgedAt + CrashPlan.InFlight)
            .Select(page => Say($"{incident.Id} paged {page.Address} {(page.At - acknowledgedAt).TotalSeconds:0.0} s after the acknowledgement was answered."));
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
