using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;

namespace Pipeline.Postmortems;

/// <summary>Whether a milestone is reached, decided on the incident as it is when its time has come.</summary>
public enum PostmortemDecision
{
    Reached,

    /// <summary>The incident came back; the news of it is still under way.</summary>
    Reopened,
    NoSuchIncident,
}

/// <summary>What a postmortem does in the world: the draft, a line on the timeline for each milestone, and a message to its owner.</summary>
internal sealed partial class PostmortemActivities(
    IncidentStore incidents,
    PostmortemStore postmortems,
    NotificationSender sender,
    Recipients recipients,
    PipelineConfiguration configuration,
    ILogger<PostmortemActivities> logger)
{
    public void Register(OrchestrationCatalog catalog) => catalog
        .AddOrchestrator(PostmortemOrchestration.Name, PostmortemOrchestration.RunAsync)
        .AddActivity<PostmortemTask, PostmortemDecision>(PostmortemOrchestration.MilestoneActivity, ReachAsync)
        .AddActivity<PostmortemSuspension, bool>(PostmortemOrchestration.SuspendActivity, SuspendAsync);

    public async Task<PostmortemDecision> ReachAsync(PostmortemTask task, CancellationToken cancellationToken)
    {
        if (await incidents.GetAsync(task.IncidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            LogNoSuchIncident(logger, task.IncidentId, task.Milestone);
            return PostmortemDecision.NoSuchIncident;
        }

        // Before the timeline line that says it is there.
        if (task.Milestone == PostmortemMilestone.Draft && Decide(incident, task.Round) == PostmortemDecision.Reached)
        {
            await WriteDraftAsync(incident, task, cancellationToken).ConfigureAwait(false);
        }

        var edit = await incidents.EditAsync(task.IncidentId, change => Log(change, task), cancellationToken).ConfigureAwait(false);
        if (edit?.Result == PostmortemDecision.Reached)
        {
            await TellAsync(edit.Incident, task, cancellationToken).ConfigureAwait(false);
        }

        return edit?.Result ?? PostmortemDecision.NoSuchIncident;
    }

    public async Task<bool> SuspendAsync(PostmortemSuspension suspension, CancellationToken cancellationToken)
    {
        await incidents.EditAsync(
            suspension.IncidentId,
            change =>
            {
                change.Log(TimelineKind.Postmortem, PostmortemTexts.Suspended(suspension), key: $"{PostmortemTexts.Key(suspension.Round)}:suspended");
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static PostmortemDecision Decide(Incident incident, int round) =>
        incident.Round == round && !incident.IsOpen ? PostmortemDecision.Reached : PostmortemDecision.Reopened;

    private PostmortemDecision Log(IncidentChange change, PostmortemTask task)
    {
        var decision = Decide(change.Head, task.Round);
        if (decision == PostmortemDecision.Reached)
        {
            var text = PostmortemTexts.Timeline(task, OwnersOf(change.Head).Names, change.Now);
            change.Log(TimelineKind.Postmortem, text, key: $"{PostmortemTexts.Key(task.Round)}:{PostmortemTexts.Step(task.Milestone)}");
        }

        return decision;
    }

    private async Task WriteDraftAsync(Incident incident, PostmortemTask task, CancellationToken cancellationToken)
    {
        var now = incidents.Time.GetUtcNow();
        var timeline = await incidents.WholeTimelineAsync(incident.Id, cancellationToken).ConfigureAwait(false);
        var alerts = await incidents.AlertsAsync(incident.Id, PostmortemDocument.MaxAlerts, cancellationToken).ConfigureAwait(false);
        var names = incidents.Names;
        var service = configuration.Services.GetValueOrDefault(incident.Service);
        var facts = new PostmortemFacts(
            incident with { Commander = incident.Commander is { } commander ? names.NameOf(commander) : null },
            alerts,
            [.. timeline.Select(entry => entry with { By = entry.By is { } by ? names.AuthorOf(by) : null })],
            OwnersOf(incident).Names,
            task.DueAt,
            now,
            IncidentLinks.To(configuration.Reports.BaseUrl, incident.Id),
            service?.Owner is { } owner ? names.NameOf(owner) : null,
            service?.Runbook);
        var draft = new Postmortem(
            incident.Id, task.Round, Version: 1, incident.Title, incident.Worst, now, PostmortemDocument.Render(facts));
        if (await postmortems.AddAsync(draft, cancellationToken).ConfigureAwait(false))
        {
            LogDraftWritten(logger, incident.Id, task.Round, draft.Markdown.Length);
        }
    }

    private Task TellAsync(Incident incident, PostmortemTask task, CancellationToken cancellationToken)
    {
        var now = incidents.Time.GetUtcNow();
        var message = new IncidentMessage(
            NotificationPurpose.PostmortemReminder,
            incident,
            task.Round,
            PostmortemTexts.Step(task.Milestone),
            PostmortemTexts.Title(task, incident),
            PostmortemTexts.Text(task, incident, now),
            PostmortemTexts.DocumentLink(configuration.Reports.BaseUrl, incident.Id),
            now);
        return sender.SendAsync(OwnersOf(incident).Address(message), cancellationToken);
    }

    private Audience OwnersOf(Incident incident) => recipients.LeadOf(
        incident, configuration.Services.GetValueOrDefault(incident.Service)?.Owner ?? configuration.Postmortem.Owner);

    [LoggerMessage(360, LogLevel.Information, "The postmortem draft of {Incident}, round {Round}, is written: {Characters} characters.")]
    private static partial void LogDraftWritten(ILogger logger, string incident, int round, int characters);

    [LoggerMessage(361, LogLevel.Warning, "{Incident} isn't there any more; its postmortem milestone {Milestone} was passed over.")]
    private static partial void LogNoSuchIncident(ILogger logger, string incident, PostmortemMilestone milestone);
}
