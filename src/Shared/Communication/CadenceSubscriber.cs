using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;

namespace Pipeline.Communication;

/// <summary>Starts the cadence of each round, tells it what happens, and sends every update on to the stakeholders.</summary>
internal sealed class CadenceSubscriber(
    IOrchestrationClient orchestrations,
    ProcessStarter processes,
    IncidentStore store,
    NotificationSender sender,
    Recipients recipients,
    PipelineConfiguration configuration) : IIncidentSubscriber
{
    private readonly CadenceTimes times = CadenceTimes.Of(configuration.Cadence);
    private readonly PeopleNames names = new(configuration.People);

    public async Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
    {
        var happened = IncidentEvent.Of(incident, signal);
        switch (signal.Kind)
        {
            case IncidentSignalKind.Opened:
                await StartAsync(incident, signal, happened, cancellationToken).ConfigureAwait(false);
                break;
            case IncidentSignalKind.Reopened:
                await RaiseAsync(incident, happened, happened.Round - 1, cancellationToken).ConfigureAwait(false);
                await StartAsync(incident, signal, happened, cancellationToken).ConfigureAwait(false);
                break;
            case IncidentSignalKind.UpdatePosted:
                // Sent from here and not by the orchestration: an update counts also when the cadence has ended.
                await sender.SendAsync(UpdateMessages(incident, happened), cancellationToken).ConfigureAwait(false);
                await RaiseAsync(incident, happened, happened.Round, cancellationToken).ConfigureAwait(false);
                break;
            case IncidentSignalKind.SeverityRaised or IncidentSignalKind.SeverityLowered or IncidentSignalKind.Resolved:
                await RaiseAsync(incident, happened, happened.Round, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Looks every five minutes: an update is owed in half an hour at the soonest.</summary>
    public async Task RestoreAsync(Incident incident, CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        if (now.Minute % 5 != 0 || now - incident.RoundStartedAt <= IdUses.MaxClockDifference)
        {
            return;
        }

        var instance = InstanceId(incident, incident.Round);
        var found = await orchestrations.GetAsync(instance, cancellationToken).ConfigureAwait(false);
        if (IdUses.IsLost(found, incident.RoundStartedAt))
        {
            var lost = $"{instance}-lost-{found?.CreatedTime ?? now:yyyyMMddHHmmss}";
            var wanted = new IncidentSignal(lost, IncidentSignalKind.Opened, incident.RoundStartedAt, incident.Round, incident.EscalationRound);
            await processes.StartAgainAsync(
                UpdateCadenceOrchestration.Name, instance, CadencePlan.Resume(incident, times), incident, wanted, found, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task StartAsync(Incident incident, IncidentSignal signal, IncidentEvent begun, CancellationToken cancellationToken)
    {
        var startedAt = begun.Round == incident.Round ? incident.RoundStartedAt : begun.At;
        var state = CadencePlan.Start(incident.Id, begun, startedAt, times);
        return processes.StartAsync(
            UpdateCadenceOrchestration.Name, InstanceId(incident, begun.Round), state, incident, signal, cancellationToken);
    }

    private Task RaiseAsync(Incident incident, IncidentEvent happened, int round, CancellationToken cancellationToken) =>
        orchestrations.RaiseEventAsync(InstanceId(incident, round), IncidentEvent.EventName, happened, cancellationToken);

    private IReadOnlyList<Notification> UpdateMessages(Incident incident, IncidentEvent posted)
    {
        var audience = configuration.Cadence.Stakeholders.Count == 0
            ? Recipients.Console
            : recipients.Of(configuration.Cadence.Stakeholders).And(Recipients.Console);
        return audience.Address(StakeholderTexts.Update(incident, posted, times, names, IncidentLinks.To(configuration.Reports.BaseUrl, incident.Id)));
    }

    private static string InstanceId(Incident incident, int round) => Incident.InstanceId(UpdateCadenceOrchestration.Name, incident.Id, round);
}
