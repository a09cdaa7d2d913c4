using System.Globalization;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Postmortems;

/// <summary>The words of the milestones. They speak of the system and of work to do, never of fault.</summary>
internal static class PostmortemTexts
{
    public static string Key(int round) => string.Create(CultureInfo.InvariantCulture, $"postmortem:{round}");

    public static string Step(PostmortemMilestone milestone) => milestone switch
    {
        PostmortemMilestone.Draft => "draft",
        PostmortemMilestone.Review => "review",
        PostmortemMilestone.Actions => "actions",
        _ => "followUp",
    };

    public static Uri DocumentLink(Uri? baseUrl, string incidentId) => new($"{IncidentLinks.To(baseUrl, incidentId).AbsoluteUri}/postmortem");

    /// <param name="names">Who is told.</param>
    public static string Timeline(PostmortemTask task, string names, DateTimeOffset now) => task.Milestone switch
    {
        PostmortemMilestone.Draft =>
            $"Wrote the postmortem draft from this timeline and notified {names}. "
            + $"The review is due {UtcText.Of(task.DueAt[PostmortemMilestone.Review], now)}.",
        PostmortemMilestone.Review =>
            $"The postmortem review meeting is due. Notified {names}. "
            + $"Action items are due {UtcText.Of(task.DueAt[PostmortemMilestone.Actions], now)}.",
        PostmortemMilestone.Actions =>
            $"The postmortem action items are due, with owners and dates. Notified {names}. "
            + $"The follow-up is due {UtcText.Of(task.DueAt[PostmortemMilestone.FollowUp], now)}.",
        _ => $"The postmortem follow-up is due: are the action items done? Notified {names}.",
    };

    public static string Suspended(PostmortemSuspension suspension) =>
        $"Postmortem suspended before its {PostmortemPlan.Words(suspension.Pending)}: the incident was reopened. The next resolve begins a new one.";

    public static string Title(PostmortemTask task, Incident incident)
    {
        var what = task.Milestone switch
        {
            PostmortemMilestone.Draft => "The postmortem draft is ready to be completed",
            PostmortemMilestone.Review => "The postmortem review meeting is due",
            PostmortemMilestone.Actions => "The action items are due, each with an owner and a date",
            _ => "Follow-up: are the action items done?",
        };
        return $"[{incident.Severity.Text()}] {what}";
    }

    public static string Text(PostmortemTask task, Incident incident, DateTimeOffset now)
    {
        var line = MarkdownText.OneLine($"{incident.Title} ({incident.Service}, {incident.Environment})", 300);
        var todo = task.Milestone switch
        {
            PostmortemMilestone.Draft =>
                $"Timeline and figures are filled in; summary, impact, causes and lessons are yours. Review meeting due {UtcText.Of(task.DueAt[PostmortemMilestone.Review], now)}.",
            PostmortemMilestone.Review =>
                "An hour for summary, timeline, what went well, what went poorly, and actions. Ask why the system allowed it, not who did it.",
            PostmortemMilestone.Actions => "What prevents, detects or shortens the next one? An action without an owner and a date is a wish.",
            _ => "Check each action item: done, still wanted, or blocked? Say so in the postmortem.",
        };
        return $"{line}\n{todo}";
    }

    /// <summary>Why there is no postmortem to show, and when there will be one.</summary>
    /// <param name="incident">Null where there is none of that id.</param>
    public static string Absent(string id, Incident? incident, PostmortemConfiguration configuration, DateTimeOffset now)
    {
        if (incident is null)
        {
            return $"There is no incident '{id}'.";
        }

        if (!configuration.Severities.Contains(incident.Worst))
        {
            var wanted = configuration.Severities.Count == 0 ? "no severity" : string.Join(", ", configuration.Severities.Order().Select(severity => severity.Text()));
            return $"{id} is {incident.Severity.Text()}; postmortems are written for {wanted}.";
        }

        var wait = DurationText.Of(configuration.Draft);
        return incident is { IsOpen: false, ResolvedAt: { } resolvedAt }
            ? $"{id} has no postmortem yet. The draft is due at {UtcText.Of(resolvedAt + configuration.Draft, now)}, {wait} after the resolve."
            : $"{id} is open. The draft is written {wait} after its resolve.";
    }
}
