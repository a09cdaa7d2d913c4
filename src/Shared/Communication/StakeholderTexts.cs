using System.Globalization;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;

namespace Pipeline.Communication;

/// <summary>What stakeholders read, in the shape of the reference seed's templates for progress and resolution.</summary>
internal static class StakeholderTexts
{
    private const int MaxPart = 120;

    public static IncidentMessage Update(Incident incident, IncidentEvent posted, CadenceTimes times, PeopleNames names, Uri link)
    {
        var isFinal = IsFinal(incident, posted);
        var number = string.Create(CultureInfo.InvariantCulture, $"#{posted.Updates}");
        var stage = IncidentTransitions.Words(incident.Stage);
        var title = $"[{incident.Severity.Text()}] {(isFinal ? "Final update" : "Update")} {number} - {Short(incident.Service)} - {stage}";
        var lines = new List<string>
        {
            $"INCIDENT: {incident.Id}, {CadenceTexts.Line(incident)}",
            $"STATUS: {stage}, {incident.Severity.Text()}, started {UtcText.Of(incident.StartedAt, posted.At)}",
            $"UPDATE: {posted.Note}",
            $"NEXT UPDATE: {NextUpdate(incident, posted, times)}",
        };
        if (posted.By is { } author)
        {
            lines.Add($"- {Short(names.NameOf(author))}{(author == incident.Commander ? ", incident commander" : "")}");
        }

        var step = string.Create(CultureInfo.InvariantCulture, $"update{posted.Updates}");
        return Message(NotificationPurpose.StakeholderUpdate, incident, posted, step, title, string.Join('\n', lines), link);
    }

    public static IncidentMessage Opened(Incident incident, IncidentEvent opened, Uri link) => Message(
        NotificationPurpose.IncidentOpened, incident, opened, "opened",
        Headline(incident), $"Severity from {Short(incident.SeverityReason)}.", link);

    public static IncidentMessage Reopened(Incident incident, IncidentEvent reopened, Uri link) => Message(
        NotificationPurpose.IncidentReopened, incident, reopened, "reopened",
        Headline(incident), Short(reopened.Note ?? ""), link);

    public static IncidentMessage SeverityRaised(Incident incident, IncidentEvent raised, Uri link) => Message(
        NotificationPurpose.SeverityRaised, incident, raised, raised.Id,
        Headline(incident), Short(raised.Note ?? ""), link);

    /// <summary>For who has the incident; the signal's note says what joined.</summary>
    public static IncidentMessage Joined(Incident incident, IncidentEvent joined, Uri link) => Message(
        NotificationPurpose.AlertsJoined, incident, joined, joined.Id,
        $"[{incident.Severity.Text()}] {incident.Id}: {(joined.Kind == IncidentSignalKind.Widened ? "the incident widened" : "alerts joined")}",
        $"{CadenceTexts.Line(incident)}\n{joined.Note}", link);

    /// <summary>Started, resolved, duration and why, as the seed's resolution notification has them.</summary>
    public static IncidentMessage Resolved(Incident incident, IncidentEvent resolved, Uri link)
    {
        var note = resolved.Note is { Length: > 0 } words ? $" Resolution: {Short(words)}" : "";
        return Message(
            NotificationPurpose.IncidentResolved, incident, resolved, "resolved",
            $"[RESOLVED] {CadenceTexts.Line(incident)}",
            $"Started {UtcText.Of(incident.StartedAt, resolved.At)}, resolved {UtcText.Of(resolved.At, resolved.At)}, duration {DurationText.Of(resolved.At - incident.StartedAt)}.{note}",
            link);
    }

    private static bool IsFinal(Incident incident, IncidentEvent posted) => !incident.IsOpen && posted.At >= incident.ResolvedAt;

    private static string NextUpdate(Incident incident, IncidentEvent posted, CadenceTimes times)
    {
        if (!incident.IsOpen)
        {
            return "none, the incident is resolved";
        }

        return CadencePlan.DueAfter(posted.At, incident.Severity, times) is { } due ? $"{UtcText.Of(due, posted.At)}, or at the resolve" : "at the resolve";
    }

    private static string Headline(Incident incident) => $"[{incident.Severity.Text()}] {CadenceTexts.Line(incident)}";

    private static string Short(string text) => MarkdownText.OneLine(text, MaxPart);

    private static IncidentMessage Message(
        NotificationPurpose purpose, Incident incident, IncidentEvent happened, string step, string title, string text, Uri link) =>
        new(purpose, incident, happened.Round, step, title, text, link, happened.At);
}
