using Pipeline.Incidents;

namespace Pipeline.Api;

/// <summary>An incident as the API shows it.</summary>
/// <param name="Alerts">
/// By fingerprint: as many as come to <see cref="IncidentViews.MaxAlerts"/> and about <see cref="IncidentViews.MaxCharacters"/>;
/// <paramref name="TotalAlerts"/> counts them all. Null in a list: labels and annotations can be 240 KB an alert.
/// </param>
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
    IReadOnlyList<IncidentAlertView>? Alerts)
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

public sealed record TimelineEntryView(int Number, DateTimeOffset At, TimelineKind Kind, string Text, string? By);

internal static class IncidentViews
{
    public const int MaxAlerts = 1000;

    /// <summary>Of the texts of the alerts that one incident is shown with; beyond it no further alert is.</summary>
    public const int MaxCharacters = 1024 * 1024;

    /// <summary>As it stands alone, with its alerts.</summary>
    public static async Task<IncidentView> OfAsync(IncidentStore store, Incident incident, CancellationToken cancellationToken)
    {
        var alerts = new List<IncidentAlertView>();
        var characters = 0;
        if (incident.TotalAlerts > 0)
        {
            await foreach (var stored in store.AlertsAsync(incident.Id, cancellationToken).ConfigureAwait(false))
            {
                characters += Characters(stored.Value.Labels) + Characters(stored.Value.Annotations);
                if (alerts.Count == MaxAlerts || (characters > MaxCharacters && alerts.Count > 0))
                {
                    break;
                }

                alerts.Add(Of(stored.Value));
            }
        }

        return Of(incident, alerts);
    }

    /// <summary>As it stands in a list.</summary>
    public static IncidentView InList(Incident incident) => Of(incident, alerts: null);

    private static int Characters(IReadOnlyDictionary<string, string> texts) => texts.Sum(text => text.Key.Length + text.Value.Length);

    private static IncidentView Of(Incident incident, IReadOnlyList<IncidentAlertView>? alerts)
    {
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
