using System.Globalization;
using System.Text;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Postmortems;

/// <param name="Owners">Who completes it.</param>
/// <param name="DueAt">When each milestone is due.</param>
/// <param name="Link">Of the incident.</param>
/// <param name="ServiceOwner">Who answers for the service, by name; null where nobody is named.</param>
/// <param name="Runbook">Of the service; null where it has none.</param>
public sealed record PostmortemFacts(
    Incident Incident,
    IReadOnlyList<IncidentAlert> Alerts,
    IReadOnlyList<TimelineEntry> Timeline,
    string Owners,
    IReadOnlyDictionary<PostmortemMilestone, DateTimeOffset> DueAt,
    DateTimeOffset WrittenAt,
    Uri Link,
    string? ServiceOwner = null,
    string? Runbook = null);

/// <summary>
/// The draft as Markdown, with the sections of the seeds' templates: what is known stands there, what only people know is a blank to fill.
/// What comes from outside (titles, alert texts, names) is escaped: it can't bring links, HTML or table cells.
/// </summary>
public static class PostmortemDocument
{
    public const int MaxAlerts = 50;

    /// <summary>
    /// With texts cut as below the document stays under <see cref="EntityLimits.MaxDocumentBytes"/>, also where escaping makes five bytes of each character.
    /// </summary>
    public const int MaxEntries = 250;

    private const int MaxText = 240;
    private const int MaxCell = 80;
    private const string Blank = "_to fill in_";

    public static string Render(PostmortemFacts facts)
    {
        var text = new StringBuilder();
        AppendHead(text, facts);
        AppendSummary(text, facts);
        AppendImpact(text, facts);
        AppendTimeline(text, facts);
        AppendCauses(text);
        var findings = PostmortemFindings.Of(facts.Incident, facts.Timeline);
        AppendFindings(text, "What went well", findings.Well, "What should we keep doing?");
        AppendFindings(text, "What went poorly", findings.Poorly, "Where did tools, processes or knowledge leave people without help?");
        AppendActions(text);
        AppendLine(text, "## Lessons learned", "", "What should others know who never read the rest?", "", $"1. {Blank}", "");
        AppendFollowUp(text, facts);
        return text.ToString();
    }

    /// <summary>What the table of the timeline shows: all of it, or where that is too much, first and last without each alert's coming and going.</summary>
    public static IReadOnlyList<TimelineEntry> Select(IReadOnlyList<TimelineEntry> timeline)
    {
        if (timeline.Count <= MaxEntries)
        {
            return timeline;
        }

        var course = timeline.Where(entry => entry.Kind is not (TimelineKind.AlertFired or TimelineKind.AlertResolved or TimelineKind.PageSent)).ToList();
        return course.Count <= MaxEntries ? course : [.. course.Take(MaxEntries / 2), .. course.TakeLast(MaxEntries / 2)];
    }

    private static void AppendHead(StringBuilder text, PostmortemFacts facts)
    {
        var incident = facts.Incident;
        var place = incident.Region is null ? incident.Environment : $"{incident.Environment}, {incident.Region}";
        AppendLine(
            text,
            $"# Postmortem: {Safe(incident.Title)}",
            "",
            $"- **Incident:** [{incident.Id}](<{facts.Link.AbsoluteUri}>)",
            $"- **Date:** {incident.StartedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}",
            $"- **Duration:** {DurationText.Of(End(facts) - incident.StartedAt)} ({UtcText.Full(incident.StartedAt)} to {UtcText.Full(End(facts))})",
            $"- **Severity:** {SeverityOf(incident)}, from {Safe(incident.SeverityReason)}",
            $"- **Service:** {Safe(incident.Service)} ({Safe(place)})",
            $"- **Incident commander:** {(incident.Commander is { } commander ? Safe(commander) : "none was named")}",
            $"- **To be completed by:** {Safe(facts.Owners)}");
        AppendService(text, facts);
        AppendLine(
            text,
            $"- **Status:** draft, written from the timeline at {UtcText.Full(facts.WrittenAt)}",
            "",
            "> This is about systems, not people: ask what made each step look right at the time, and what would have made the better one easier.",
            "");
    }

    private static void AppendService(StringBuilder text, PostmortemFacts facts)
    {
        if (facts.ServiceOwner is { } owner)
        {
            AppendLine(text, $"- **Service owner:** {Safe(owner)}");
        }

        if (facts.Runbook is { } runbook)
        {
            AppendLine(text, $"- **Runbook:** <{new Uri(runbook).AbsoluteUri}>");
        }
    }

    private static string SeverityOf(Incident incident) => incident.Worst == incident.Severity
        ? incident.Severity.Text()
        : $"{incident.Worst.Text()} at its worst, {incident.Severity.Text()} at the end";

    private static void AppendSummary(StringBuilder text, PostmortemFacts facts)
    {
        var incident = facts.Incident;
        var acknowledged = incident.AcknowledgedAt is { } at ? $"acknowledged after {DurationText.Of(at - incident.DetectedAt)}" : "never acknowledged";
        AppendLine(
            text,
            "## Summary",
            "",
            $"{Safe(incident.Service)} was affected for {DurationText.Of(End(facts) - incident.StartedAt)} ({SeverityOf(incident)}). "
            + $"{Detection(incident)}; the incident was {acknowledged} "
            + $"and resolved at {UtcText.Full(End(facts))}.",
            "",
            $"What users saw, what caused it and what ended it, in two or three sentences: {Blank}",
            "");
    }

    private static string Detection(Incident incident) => incident.FiredBeforeListening
        ? "It had begun before anybody listened to its sender, so how late it was detected is unknown"
        : $"The first alert came in {DurationText.Of(incident.DetectedAt - incident.StartedAt)} after the start";

    private static void AppendImpact(StringBuilder text, PostmortemFacts facts)
    {
        AppendLine(
            text,
            "## Impact",
            "",
            "| What | How much |",
            "| --- | --- |",
            $"| Users affected | {Blank} |",
            $"| What they couldn't do | {Blank} |",
            $"| Revenue, orders, tickets | {Blank} |",
            $"| Service level objective | {Blank} |",
            "");
        if (facts.Alerts.Count > 0)
        {
            AppendAlerts(text, facts);
        }
    }

    private static void AppendAlerts(StringBuilder text, PostmortemFacts facts)
    {
        AppendLine(
            text,
            $"Alerts ({facts.Incident.TotalAlerts.ToString(CultureInfo.InvariantCulture)}):",
            "",
            "| Alert | Severity | Since | Until | Received | Says |",
            "| --- | --- | --- | --- | ---: | --- |");
        foreach (var alert in facts.Alerts.OrderBy(alert => alert.StartsAt).Take(MaxAlerts))
        {
            var until = alert is { Status: IncidentAlertStatus.Resolved, EndsAt: { } end } ? UtcText.Full(end) : alert.Status.ToString().ToLowerInvariant();
            var says = alert.Annotations.GetValueOrDefault("summary") ?? alert.Annotations.GetValueOrDefault("description") ?? "";
            AppendLine(
                text,
                $"| {Safe(alert.Labels.GetValueOrDefault("alertname", alert.Fingerprint), MaxCell)} | {alert.Severity.Text()} | {UtcText.Full(alert.StartsAt)} "
                + $"| {until} | {alert.Count.ToString(CultureInfo.InvariantCulture)} | {Safe(says, MaxCell * 2)} |");
        }

        AppendEnd(text, facts.Incident.TotalAlerts - facts.Alerts.Count, "alerts", facts);
    }

    private static void AppendTimeline(StringBuilder text, PostmortemFacts facts)
    {
        var shown = Select(facts.Timeline);
        var isOneDay = shown.Count > 0 && shown[0].At.UtcDateTime.Date == shown[^1].At.UtcDateTime.Date;
        AppendLine(
            text,
            "## Timeline",
            "",
            "All times in UTC. Make the decisions bold, and add what the pipeline couldn't see.",
            "",
            "| Time | Event | By |",
            "| --- | --- | --- |");
        foreach (var entry in shown)
        {
            var at = entry.At.UtcDateTime.ToString(isOneDay ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            AppendLine(text, $"| {at} | {Safe(entry.Text)} | {Safe(entry.By ?? "", MaxCell)} |");
        }

        AppendEnd(text, facts.Timeline.Count - shown.Count, "entries", facts);
    }

    private static void AppendCauses(StringBuilder text)
    {
        AppendLine(text, "## Root cause", "", "Five whys: each answer is the next question. Stop where a change of the system would have broken the chain.", "");
        for (var why = 1; why <= 5; why++)
        {
            AppendLine(text, string.Create(CultureInfo.InvariantCulture, $"{why}. Why? {Blank}"));
        }

        AppendLine(
            text, "", $"- **Immediate cause:** {Blank}", $"- **What contributed:** {Blank}", $"- **What had been waiting to happen:** {Blank}", "");
    }

    private static void AppendFindings(StringBuilder text, string heading, IReadOnlyList<string> findings, string question)
    {
        AppendLine(text, $"## {heading}", "");
        AppendLine(text, [.. findings.Select(finding => $"- {finding}"), $"- {question} {Blank}", ""]);
    }

    private static void AppendActions(StringBuilder text)
    {
        AppendLine(text, "## Action items", "", "| Aim | Action | Owner | Due | Status |", "| --- | --- | --- | --- | --- |");
        foreach (var aim in new[] { "Prevent it", "Detect it sooner", "Respond faster", "Improve the process" })
        {
            AppendLine(text, $"| {aim} | {Blank} | {Blank} | {Blank} | open |");
        }

        AppendLine(text, "");
    }

    private static void AppendFollowUp(StringBuilder text, PostmortemFacts facts)
    {
        AppendLine(text, "## Follow-up", "");
        foreach (var (milestone, dueAt) in facts.DueAt.OrderBy(due => due.Key))
        {
            AppendLine(text, $"- [{(milestone == PostmortemMilestone.Draft ? "x" : " ")}] {PostmortemPlan.Words(milestone)}, due {UtcText.Full(dueAt)}");
        }
    }

    private static DateTimeOffset End(PostmortemFacts facts) => facts.Incident.ResolvedAt ?? facts.WrittenAt;

    private static void AppendEnd(StringBuilder text, int leftOut, string what, PostmortemFacts facts)
    {
        AppendLine(text, "");
        if (leftOut > 0)
        {
            AppendLine(text, string.Create(CultureInfo.InvariantCulture, $"{leftOut} more {what} stand with the [incident](<{facts.Link.AbsoluteUri}>)."), "");
        }
    }

    private static string Safe(string text, int maxCharacters = MaxText) => MarkdownText.Escape(MarkdownText.OneLine(text, maxCharacters));

    // The same line ends on every system.
    private static void AppendLine(StringBuilder text, params IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            text.Append(line).Append('\n');
        }
    }
}
