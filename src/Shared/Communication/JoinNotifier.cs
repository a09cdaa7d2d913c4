using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;

namespace Pipeline.Communication;

/// <summary>Tells who has an incident what joined it after the acknowledgement. Not a page: that is the escalation's, where the incident widened.</summary>
internal sealed class JoinNotifier(NotificationSender sender, Recipients recipients, PipelineConfiguration configuration) : IIncidentSubscriber
{
    public Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
    {
        if (signal.Kind is not (IncidentSignalKind.AlertsJoined or IncidentSignalKind.Widened))
        {
            return Task.CompletedTask;
        }

        var link = IncidentLinks.To(configuration.Reports.BaseUrl, incident.Id);
        var message = StakeholderTexts.Joined(incident, IncidentEvent.Of(incident, signal), link);
        return sender.SendAsync(recipients.HoldersOf(incident).Address(message), cancellationToken);
    }
}
