using Pipeline.Incidents;

namespace Pipeline.Notifications;

/// <summary>Why a person is told. Only <see cref="Page"/> wakes anybody; it goes first and passes the gate.</summary>
public enum NotificationPurpose
{
    Page,
    IncidentOpened,
    IncidentReopened,
    SeverityRaised,
    IncidentResolved,
    StakeholderUpdate,
    UpdateReminder,
    UpdateOverdue,
    FinalUpdateOwed,
    PostmortemReminder,

    /// <summary>Alerts joined an incident that somebody has acknowledged.</summary>
    AlertsJoined,
}

/// <summary>One message for one person or one room through one channel.</summary>
public sealed record Notification
{
    /// <summary>
    /// What it is, derived from incident, purpose and step, so that a repeated step makes the same key and nothing is sent twice.
    /// <see cref="NotificationKey.Of"/> builds it.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>A name under <c>channels</c>, or <c>console</c>.</summary>
    public required string Channel { get; init; }

    /// <summary>What the channel understands as the address; null where it needs none.</summary>
    public string? Address { get; init; }

    /// <summary>An id under <c>people</c>; null for a room.</summary>
    public string? PersonId { get; init; }

    /// <summary>What the person is called; for channels that show it.</summary>
    public string? PersonName { get; init; }

    public required NotificationPurpose Purpose { get; init; }

    public string? IncidentId { get; init; }

    public Severity? Severity { get; init; }

    /// <summary>Of a page: the escalation of the incident that asks for it; a later one makes it void.</summary>
    public int? EscalationRound { get; init; }

    /// <summary>One line. <see cref="NotificationSender"/> cuts it at <see cref="NotificationLimits.MaxTitleCharacters"/>.</summary>
    public required string Title { get; init; }

    /// <summary>The message itself, plain text. Cut at <see cref="NotificationLimits.MaxTextCharacters"/>.</summary>
    public required string Text { get; init; }

    /// <summary>Where to read on and to act.</summary>
    public Uri? Link { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Alert texts are written by others and can be of any length; a queue message (256 KiB in Service Bus) can't.</summary>
public static class NotificationLimits
{
    public const int MaxTitleCharacters = 500;

    public const int MaxTextCharacters = 16_000;
}
