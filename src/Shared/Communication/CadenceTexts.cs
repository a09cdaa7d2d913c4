using System.Globalization;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;

namespace Pipeline.Communication;

/// <summary>The words for whoever owes an update.</summary>
internal static class CadenceTexts
{
    public static TimelineKind KindOf(CadenceMessage message) => message switch
    {
        CadenceMessage.FirstUpdateOwed or CadenceMessage.DueSoon => TimelineKind.UpdateReminder,
        CadenceMessage.Overdue or CadenceMessage.StillOverdue => TimelineKind.UpdateOverdue,
        _ => TimelineKind.FinalUpdateOwed,
    };

    public static NotificationPurpose PurposeOf(CadenceMessage message) => KindOf(message) switch
    {
        TimelineKind.UpdateReminder => NotificationPurpose.UpdateReminder,
        TimelineKind.UpdateOverdue => NotificationPurpose.UpdateOverdue,
        _ => NotificationPurpose.FinalUpdateOwed,
    };

    /// <param name="names">Who is told.</param>
    public static string Timeline(CadenceTask task, Incident incident, string names, DateTimeOffset now) => task.Message switch
    {
        CadenceMessage.FirstUpdateOwed =>
            $"A first update is owed: {incident.Severity.Text()} has updates at start and end. Reminded {names}.",
        CadenceMessage.DueSoon => $"{Update(task)} is due at {Due(task, now)}. Reminded {names}.",
        CadenceMessage.Overdue => $"{Update(task)} was due at {Due(task, now)} and has not been posted. Notified {names}.",
        CadenceMessage.StillOverdue when task.IsLast =>
            $"{Update(task)} was due at {Due(task, now)} and has not been posted. "
            + $"Notified {names} for the last time, after {CadencePlan.MaxNudges} reminders.",
        CadenceMessage.StillOverdue =>
            $"{Update(task)} was due at {Due(task, now)} and has still not been posted. Notified {names} every time.",
        CadenceMessage.FinalUpdateOwed => $"The final update ({Number(task)}) is owed. Notified {names}.",
        _ => $"The final update ({Number(task)}) is still owed. Reminded {names} once more.",
    };

    public static string Title(CadenceTask task, Incident incident, DateTimeOffset now)
    {
        var what = task.Message switch
        {
            CadenceMessage.FirstUpdateOwed => "A first update is owed",
            CadenceMessage.DueSoon => $"{Update(task)} is due at {Due(task, now)}",
            CadenceMessage.Overdue => $"{Update(task)} was due at {Due(task, now)}",
            CadenceMessage.StillOverdue => $"{Update(task)} was due at {Due(task, now)} and is still missing",
            CadenceMessage.FinalUpdateOwed => "The final update is owed",
            _ => "The final update is still owed",
        };
        return $"[{incident.Severity.Text()}] {what}";
    }

    public static string Text(CadenceTask task, Incident incident)
    {
        var post = $"Post it to /api/incidents/{incident.Id}/updates.";
        var why = task.Message switch
        {
            CadenceMessage.FirstUpdateOwed => "Stakeholders hear at the start and at the end of an incident of this severity.",
            CadenceMessage.DueSoon => "Say what is known, what is being done and what isn't known yet.",
            CadenceMessage.Overdue or CadenceMessage.StillOverdue => "\"No change, still investigating\" is an update too.",
            _ => "Say what happened, how it was mended and what comes next.",
        };
        var last = task.IsLast ? " No more reminders follow. An update starts the clock again." : "";
        return $"{Line(incident)}\n{why} {post}{last}";
    }

    /// <summary>The incident in one line. Titles come from alerts.</summary>
    public static string Line(Incident incident) => MarkdownText.OneLine($"{incident.Title} ({incident.Service}, {incident.Environment})", 300);

    private static string Update(CadenceTask task) => $"Update {Number(task)}";

    private static string Number(CadenceTask task) => string.Create(CultureInfo.InvariantCulture, $"#{task.Update}");

    private static string Due(CadenceTask task, DateTimeOffset now) => task.DueAt is { } due ? UtcText.Of(due, now) : "now";
}
