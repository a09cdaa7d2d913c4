using Pipeline.Incidents;
using Pipeline.Notifications;

namespace Pipeline.Shared.Tests.Notifications;

internal static class Samples
{
    private static readonly DateTimeOffset Created = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    public static Notification Page(int incident = 7, Severity severity = Severity.Sev1, string channel = "hook") => new()
    {
        Key = NotificationKey.Of(NotificationPurpose.Page, $"INC-{incident}", 1, "level1.0", "alice", channel),
        Channel = channel,
        PersonId = "alice",
        Purpose = NotificationPurpose.Page,
        IncidentId = $"INC-{incident}",
        Severity = severity,
        Title = "Checkout is failing",
        Text = "94 of 100 requests fail since 08:55.",
        CreatedAt = Created,
    };

    public static Notification Update(int incident = 7, int number = 1, string channel = "hook") => new()
    {
        Key = NotificationKey.Of(NotificationPurpose.StakeholderUpdate, $"INC-{incident}", 1, $"update{number}", null, channel),
        Channel = channel,
        Purpose = NotificationPurpose.StakeholderUpdate,
        IncidentId = $"INC-{incident}",
        Severity = Severity.Sev1,
        Title = $"Update {number}",
        Text = "We are looking into it.",
        CreatedAt = Created,
    };
}
