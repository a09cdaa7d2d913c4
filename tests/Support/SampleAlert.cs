using Pipeline.Alerts;
using Pipeline.Incidents;

namespace Pipeline.Tests.Support;

/// <summary>Alerts for tests that need only some of their facts. The identity is the labels', as always.</summary>
public static class SampleAlert
{
    /// <summary>09:00 UTC on the Monday where most tests begin.</summary>
    public static DateTimeOffset Monday { get; } = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <param name="startsAt">Null: a minute before <see cref="Monday"/>.</param>
    /// <param name="receivedAt">Null: on <see cref="Monday"/>.</param>
    public static Alert Firing(
        IReadOnlyDictionary<string, string> labels,
        IReadOnlyDictionary<string, string>? annotations = null,
        DateTimeOffset? startsAt = null,
        DateTimeOffset? receivedAt = null) => new()
        {
            Fingerprint = Fingerprint.Of(labels),
            Status = AlertStatus.Firing,
            Labels = labels,
            Annotations = annotations ?? Pairs(""),
            StartsAt = startsAt ?? Monday.AddMinutes(-1),
            Source = "alertmanager",
            ReceivedAt = receivedAt ?? Monday,
        };

    /// <summary>As an incident has it that heard of it once, on <see cref="Monday"/> when it began, in message <paramref name="lastSequence"/>.</summary>
    public static IncidentAlert Known(IncidentAlertStatus status, long lastSequence = 1) => new()
    {
        Fingerprint = "f",
        Status = status,
        Labels = Pairs("alertname=A"),
        Annotations = Pairs(""),
        StartsAt = Monday,
        Count = 1,
        LastSeenAt = Monday,
        Severity = Severity.Sev1,
        LastSequence = lastSequence,
    };

    /// <summary><c>a=1;b=2</c>.</summary>
    public static IReadOnlyDictionary<string, string> Pairs(string text) => text
        .Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
