using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;

namespace Pipeline.Communication;

/// <summary>What the cadence does in the world: one line on the timeline, and a message to whoever owes the update.</summary>
internal sealed partial class CadenceActivities(
    IncidentStore store, NotificationSender sender, Recipients recipients, PipelineConfiguration configuration, ILogger<CadenceActivities> logger)
{
    public void Register(OrchestrationCatalog catalog) => catalog
        .AddOrchestrator(UpdateCadenceOrchestration.Name, UpdateCadenceOrchestration.RunAsync)
        .AddActivity<CadenceTask, CadenceDecision>(UpdateCadenceOrchestration.TellActivity, TellAsync);

    public async Task<CadenceDecision> TellAsync(CadenceTask task, CancellationToken cancellationToken)
    {
        var edit = await store.EditAsync(task.IncidentId, change => Decide(change, task), cancellationToken).ConfigureAwait(false);
        var decision = edit?.Result ?? CadenceDecision.NoSuchIncident;
        if (edit is null || decision != CadenceDecision.Tell)
        {
            LogPassedOver(logger, task.Step, task.IncidentId, decision);
            return decision;
        }

        var incident = edit.Incident;
        var now = store.Time.GetUtcNow();
        var message = new IncidentMessage(
            CadenceTexts.PurposeOf(task.Message),
            incident,
            task.Round,
            task.Step,
            CadenceTexts.Title(task, incident, now),
            CadenceTexts.Text(task, incident),
            IncidentLinks.To(configuration.Reports.BaseUrl, incident.Id),
            now);
        await sender.SendAsync(recipients.LeadOf(incident).Address(message), cancellationToken).ConfigureAwait(false);
        return decision;
    }

    private CadenceDecision Decide(IncidentChange change, CadenceTask task)
    {
        var decision = task.Decide(change.Head, recipients.Wakes(change.Head));
        if (decision == CadenceDecision.Tell && task.IsOnTimeline)
        {
            var names = recipients.LeadOf(change.Head).Names;
            change.Log(CadenceTexts.KindOf(task.Message), CadenceTexts.Timeline(task, change.Head, names, change.Now), key: task.TimelineKey);
        }

        return decision;
    }

    [LoggerMessage(350, LogLevel.Debug, "Step {Step} of {Incident}'s update cadence told nobody: {Decision}.")]
    private static partial void LogPassedOver(ILogger logger, string step, string incident, CadenceDecision decision);
}
