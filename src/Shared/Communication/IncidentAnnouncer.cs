using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;

namespace Pipeline.Communication;

/// <summary>Says on the console that an incident opened, got worse, came back or is over: one calm line each.</summary>
internal sealed class IncidentAnnouncer(NotificationSender sender, PipelineConfiguration configuration) : IIncidentSubscriber
{
    public Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
    {
        var message = Message(incident, IncidentEvent.Of(incident, signal), IncidentLinks.To(configuration.Reports.BaseUrl, incident.Id));
        return message is null ? Task.CompletedTask : sender.SendAsync(Recipients.Console.Address(message), cancellationToken);
    }

    private static IncidentMessage? Message(Incident incident, IncidentEvent happened, Uri link) => happened.Kind switch
    {
        IncidentSignalKind.Opened => StakeholderTexts.Opened(incident, happened, link),
        IncidentSignalKind.SeverityRaised => StakeholderTexts.SeverityRaised(incident, happened, link),
        IncidentSignalKind.Reopened => StakeholderTexts.Reopened(incident, happened, link),
        IncidentSignalKind.Resolved => StakeholderTexts.Resolved(incident, happened, link),
        _ => null,
    };
}
