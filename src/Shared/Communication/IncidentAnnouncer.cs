using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;

namespace Pipeline.Communication;

/// <summary>
/// Says that an incident opened, got worse, came back or is over: one calm line each, on the console and to the people whom
/// <see cref="ConcernedPeople"/> finds. Nobody is woken by it: a page is the escalation's.
/// </summary>
internal sealed class IncidentAnnouncer(
    NotificationSender sender, ConcernedPeople concerned, PipelineConfiguration configuration) : IIncidentSubscriber
{
    public async Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
    {
        var link = IncidentLinks.To(configuration.Reports.BaseUrl, incident.Id);
        if (Message(incident, IncidentEvent.Of(incident, signal), link) is { } message)
        {
            var audience = await concerned.FindAsync(incident, signal, cancellationToken).ConfigureAwait(false);
            await sender.SendAsync(audience.Address(message), cancellationToken).ConfigureAwait(false);
        }
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
