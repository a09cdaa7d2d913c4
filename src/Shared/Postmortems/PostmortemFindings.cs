using System.Globalization;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Postmortems;

/// <summary>What the figures say went well or poorly, against the reference seed's targets. Sentences about the response, not about people.</summary>
public sealed record PostmortemFindings(IReadOnlyList<string> Well, IReadOnlyList<string> Poorly)
{
    public static PostmortemFindings Of(Incident incident, IReadOnlyList<TimelineEntry> timeline)
    {
        var findings = Times(incident).Concat(Pages(incident, timeline)).Concat(Updates(incident, timeline)).Concat(Course(incident, timeline)).ToList();
        return new PostmortemFindings(
            [.. findings.Where(finding => finding.IsGood).Select(finding => finding.Text)],
            [.. findings.Where(finding => !finding.IsGood).Select(finding => finding.Text)]);
    }

    /// <summary>How often an update's due time passed without one, each time counted once however often it was reminded of.</summary>
    public static int LateUpdates(IReadOnlyList<TimelineEntry> timeline)
    {
        var late = 0;
        var counted = false;
        foreach (var entry in timeline)
        {
            if (entry.Kind == TimelineKind.UpdatePosted)
            {
                counted = false;
            }
            else if (entry.Kind == TimelineKind.UpdateOverdue && !counted)
            {
                late++;
                counted = true;
            }
        }

        return late;
    }

    private static IEnumerable<Finding> Times(Incident incident)
    {
        var severity = incident.Worst;
        if (ResponseTargets.Detect(severity) is { } detect)
        {
            yield return Measured("Detected", incident.DetectedAt - incident.StartedAt, "it began", severity, detect);
        }

        if (ResponseTargets.Acknowledge(severity) is { } acknowledge)
        {
            yield return incident.AcknowledgedAt is { } at
                ? Measured("Acknowledged", at - incident.DetectedAt, "it was detected", severity, acknowledge)
                : new Finding(false, $"No acknowledgement is on record; the target for {severity.Text()} is under {DurationText.Of(acknowledge)}.");
        }

        if (ResponseTargets.Resolve(severity) is { } resolve && incident.ResolvedAt is { } resolvedAt)
        {
            yield return Measured("Resolved", resolvedAt - incident.StartedAt, "it began", severity, resolve);
        }
    }

    private static IEnumerable<Finding> Pages(Incident incident, IReadOnlyList<TimelineEntry> timeline)
    {
        var before = timeline.TakeWhile(entry => entry.Kind != TimelineKind.Acknowledged).ToList();
        var steps = before.Count(entry => entry.Kind == TimelineKind.Paging);
        var isAnswered = incident.AcknowledgedAt is not null;

        // Pages of the step at which somebody acknowledged are answered, whoever of its people it was.
        var last = isAnswered ? before.FindLastIndex(entry => entry.Kind == TimelineKind.Paging) : before.Count;
        var unanswered = before.Take(last).Count(entry => entry.Kind == TimelineKind.PageSent);
        if (unanswered > 0)
        {
            var until = isAnswered ? " before one was acknowledged" : "";
            yield return new Finding(false, $"{Count(unanswered, "page", "pages")} went unanswered{until}.");
        }
        else if (isAnswered && steps == 1)
        {
            yield return new Finding(true, "The first page was acknowledged.");
        }
        else if (!isAnswered && steps > 0)
        {
            yield return new Finding(false, "No page is known to have reached anybody.");
        }

        var failed = timeline.Count(entry => entry.Kind == TimelineKind.PageFailed);
        if (failed > 0)
        {
            yield return new Finding(false, $"Delivery of pages failed {Count(failed, "time", "times")}; the timeline says why.");
        }
    }

    private static IEnumerable<Finding> Updates(Incident incident, IReadOnlyList<TimelineEntry> timeline)
    {
        var late = LateUpdates(timeline);
        if (late > 0)
        {
            yield return new Finding(false, $"{Count(late, "update", "updates")} came late or not at all.");
        }

        if (incident.UpdateCount == 0)
        {
            yield return new Finding(false, "Stakeholders had no update.");
        }
        else if (late == 0)
        {
            yield return new Finding(true, $"Stakeholders had {Count(incident.UpdateCount, "update", "updates")}, none of them late.");
        }
    }

    private static IEnumerable<Finding> Course(Incident incident, IReadOnlyList<TimelineEntry> timeline)
    {
        if (incident.Round > 1)
        {
            yield return new Finding(false, $"The incident came back {Count(incident.Round - 1, "time", "times")} after a resolve.");
        }

        var stale = timeline.Count(entry => entry.Kind == TimelineKind.AlertStale);
        if (stale > 0)
        {
            yield return new Finding(false, $"{Count(stale, "alert", "alerts")} fell silent without a resolve, so recovery couldn't be seen.");
        }
    }

    private static Finding Measured(string what, TimeSpan took, string since, Severity severity, TimeSpan target) =>
        new(took < target, $"{what} {DurationText.Of(took)} after {since}; the target for {severity.Text()} is under {DurationText.Of(target)}.");

    private static string Count(int count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    private sealed record Finding(bool IsGood, string Text);
}
