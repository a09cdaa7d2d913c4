using Pipeline.Incidents;

namespace Pipeline.Api;

/// <summary>An incident as the API shows it.</summary>
/// <param name="Alerts">By fingerprint. A list shows at most <see cref="IncidentViews.AlertsInList"/> of each incident; <paramref name="TotalAlerts"/> counts them all.</param>
public sealed record IncidentView(
    string Id,
    string Title,
    Severity Severity,
    string SeverityReason,
    string Stage,
    string Service,
    string Environment,
    string? Region,
    DateTimeOffset StartedAt,
    DateTimeOffset DetectedAt,
    DateTimeOffset? AcknowledgedAt,
    string? AcknowledgedBy,
    DateTimeOffset? MitigatedAt,
    DateTimeOffset? ResolvedAt,
    string? ResolvedBy,
    DateTimeOffset? ClosedAt,
    string? Commander,
    int Round,
    int UpdateCount,
    DateTimeOffset? LastUpdateAt,
    int FiringAlerts,
    int TotalAlerts,
    IReadOnlyList<IncidentAlertView> Alerts)
{
    /// <summary>Who answers for the service, by <c>services.*.owner</c>.</summary>
    public string? Owner { get; init; }

    /// <summary>What to do when the service fails, by <c>services.*.runbook</c>.</summary>
    public string? Runbook { get; init; }
}

public sealed record IncidentAlertView(
    string Fingerprint,
    string Status,
    Severity Severity,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Annotations,
    DateTimeOffset StartsAt,
    DateTimeOffset? EndsAt,
    int Count,
    DateTimeOffset LastSeenAt,
    string? GeneratorUrl);

public sealed record ListView<T>(IReadOnlyList<T> Items, string? NextCursor);

public sealed record TimelineEntryView(int Number, DateTimeOffset At, TimelineKind Kind, string Text, string? By);

internal static class IncidentViews
{
    public const int AlertsInList = 20;

    public const int AlertsInOne = 1000;

    public static async Task<IncidentView> OfAsync(IncidentStore store, Incident incident, int maxAlerts, CancellationToken cancellationToken)
    {
        var alerts = new List<IncidentAlertView>();
        if (incident.TotalAlerts > 0)
        {
            foreach (var alert in await store.AlertsAsync(incident.Id, maxAlerts, cancellationToken).ConfigureAwait(false))
            {
                alerts.Add(Of(alert));
            }
        }

        return new IncidentView(
            incident.Id,
            incident.Title,
            incident.Severity,
            incident.SeverityReason,
            IncidentTransitions.Words(incident.Stage),
            incident.Service,
            incident.Environment,
            incident.Region,
            incident.StartedAt,
            incident.DetectedAt,
            incident.AcknowledgedAt,
            incident.AcknowledgedBy,
            incident.MitigatedAt,
            incident.ResolvedAt,
            incident.ResolvedBy,
            incident.ClosedAt,
            incident.Commander,
            incident.Round,
            incident.UpdateCount,
            incident.LastUpdateAt,
            incident.FiringAlerts,
            incident.TotalAlerts,
            alerts);
    }

    public static TimelineEntryView Of(TimelineEntry entry) => new(entry.Number, entry.At, entry.Kind, entry.Text, entry.By);

    private static IncidentAlertView Of(IncidentAlert alert) => new(
        alert.Fingerprint,
        alert.Status.ToString().ToLowerInvariant(),
        alert.Severity,
        alert.Labels,
        alert.Annotations,
        alert.StartsAt,
        alert.EndsAt,
        alert.Count,
        alert.LastSeenAt,
        alert.GeneratorUrl);
}
