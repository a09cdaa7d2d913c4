using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Notifications;

/// <summary>A message with the notification read from it.</summary>
public sealed record QueuedNotification(ReceivedMessage Message, Notification Notification);

/// <summary>In which order the notifications of a batch go out.</summary>
public static class DispatchOrder
{
    /// <summary>
    /// Phases one after the other: pages, then the rest. Inside a phase the lanes may run beside each other, the worst severity first.
    /// Every page is a lane of its own; the other notifications of one incident share a lane and keep the order in which they were sent.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<IReadOnlyList<QueuedNotification>>> Arrange(IReadOnlyList<QueuedNotification> batch)
    {
        var pages = batch.Where(IsPage)
            .OrderBy(queued => queued.Notification.Severity ?? Severity.Sev4)
            .Select(IReadOnlyList<QueuedNotification> (queued) => [queued]);
        var others = batch.Where(queued => !IsPage(queued))
            .GroupBy(queued => queued.Notification.IncidentId ?? string.Empty, StringComparer.Ordinal)
            .Select(IReadOnlyList<QueuedNotification> (lane) => [.. lane]);
        return [[.. pages], [.. others]];
    }

    private static bool IsPage(QueuedNotification queued) => queued.Notification.Purpose == NotificationPurpose.Page;
}
