using Pipeline.Incidents;
using Pipeline.Notifications;

namespace Pipeline.Escalation;

/// <summary>
/// Asked before every attempt to page, and told after it: an acknowledgement stops pages that are under way already,
/// and each page leaves its receipt on the incident's timeline.
/// </summary>
internal sealed class PageReceipts(IncidentStore store) : IPageGate, IDeliveryReceipts
{
    public async Task<PageDecision> DecideAsync(Notification notification, CancellationToken cancellationToken)
    {
        if (notification.IncidentId is null || await store.GetAsync(notification.IncidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return new PageDecision.Send();
        }

        if (!incident.IsOpen)
        {
            return new PageDecision.Withhold($"{incident.Id} is {IncidentTransitions.Words(incident.Stage)}");
        }

        if (notification.EscalationRound is { } round && round != incident.EscalationRound)
        {
            return new PageDecision.Withhold("a newer escalation took over");
        }

        return incident.EscalationAcknowledgedAt is null
            ? new PageDecision.Send()
            : new PageDecision.Withhold($"acknowledged by {store.Names.NameOf(incident.PresentAcknowledger ?? "somebody")}");
    }

    public async Task RecordAsync(DeliveryReceipt receipt, CancellationToken cancellationToken)
    {
        var notification = receipt.Notification;
        if (notification.IncidentId is null || Line(receipt, store.Names) is not var (kind, text))
        {
            return;
        }

        var edit = await store.EditAsync(
            notification.IncidentId,
            change =>
            {
                change.Log(kind, text, key: receipt.Key);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (edit is not null && kind == TimelineKind.PageSent)
        {
            // The cooldown counts from a page that somebody got.
            await store.RememberPageAsync(edit.Incident, receipt.At, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The timeline line; null for what the timeline doesn't need to say.</summary>
    internal static (TimelineKind Kind, string Text)? Line(DeliveryReceipt receipt, PeopleNames names)
    {
        var notification = receipt.Notification;
        var isPage = notification.Purpose == NotificationPurpose.Page;
        var whom = notification.PersonId is { } person ? names.NameOf(person) : notification.Address ?? "the room";
        return receipt.Status switch
        {
            DeliveryStatus.Sent when isPage => (TimelineKind.PageSent, $"Page to {whom} by {notification.Channel} delivered: {receipt.Reason}"),
            DeliveryStatus.Withheld when isPage => (TimelineKind.PageWithheld, $"Page to {whom} by {notification.Channel} not sent: {receipt.Reason}"),
            DeliveryStatus.Retrying when isPage => (TimelineKind.PageFailed, $"Page to {whom} by {notification.Channel} failed, trying again: {receipt.Reason}"),
            DeliveryStatus.Failed => (TimelineKind.PageFailed, $"{notification.Purpose} to {whom} by {notification.Channel} given up: {receipt.Reason}"),
            _ => null,
        };
    }
}
