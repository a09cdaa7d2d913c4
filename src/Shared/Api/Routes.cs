using Pipeline.Hosting;

namespace Pipeline.Api;

/// <param name="Name">Also the name of the Functions trigger.</param>
/// <param name="Template">Below the host's root.</param>
/// <param name="Role">Null: anybody may call it.</param>
public sealed record ApiRoute(string Name, string Method, string Template, AccessRole? Role);

/// <summary>Every route of the HTTP API. Both hosts serve exactly these.</summary>
public static class Routes
{
    public static ApiRoute Health { get; } = new("Health", "GET", "api/health", null);

    public static ApiRoute PostAlertmanager { get; } = new("PostAlertmanagerWebhook", "POST", "api/alerts/alertmanager", AccessRole.Ingest);

    public static ApiRoute PostAlertsV2 { get; } = new("PostPrometheusAlerts", "POST", "api/v2/alerts", AccessRole.Ingest);

    /// <summary>What Prometheus and others posted to before version 2 of the API: the same array.</summary>
    public static ApiRoute PostAlertsV1 { get; } = new("PostPrometheusAlertsV1", "POST", "api/v1/alerts", AccessRole.Ingest);

    public static ApiRoute ListIncidents { get; } = new("ListIncidents", "GET", "api/incidents", AccessRole.Viewer);

    public static ApiRoute GetIncident { get; } = new("GetIncident", "GET", "api/incidents/{id}", AccessRole.Viewer);

    public static ApiRoute GetTimeline { get; } = new("GetTimeline", "GET", "api/incidents/{id}/timeline", AccessRole.Viewer);

    public static ApiRoute GetDeliveries { get; } = new("GetDeliveries", "GET", "api/incidents/{id}/deliveries", AccessRole.Viewer);

    public static ApiRoute GetPostmortem { get; } = new("GetPostmortem", "GET", "api/incidents/{id}/postmortem", AccessRole.Viewer);

    public static ApiRoute Acknowledge { get; } = new("AcknowledgeIncident", "POST", "api/incidents/{id}/acknowledge", AccessRole.Responder);

    public static ApiRoute PostUpdate { get; } = new("PostUpdate", "POST", "api/incidents/{id}/updates", AccessRole.Responder);

    public static ApiRoute SetSeverity { get; } = new("SetSeverity", "POST", "api/incidents/{id}/severity", AccessRole.Responder);

    public static ApiRoute SetStage { get; } = new("SetStage", "POST", "api/incidents/{id}/stage", AccessRole.Responder);

    public static ApiRoute Resolve { get; } = new("ResolveIncident", "POST", "api/incidents/{id}/resolve", AccessRole.Responder);

    public static ApiRoute ListOrchestrations { get; } = new("ListOrchestrations", "GET", "api/orchestrations", AccessRole.Viewer);

    public static ApiRoute GetOrchestration { get; } = new("GetOrchestration", "GET", "api/orchestrations/{id}", AccessRole.Viewer);

    public static ApiRoute RaiseEvent { get; } = new("RaiseEvent", "POST", "api/orchestrations/{id}/raise-event/{name}", AccessRole.Admin);

    public static ApiRoute Terminate { get; } = new("TerminateOrchestration", "POST", "api/orchestrations/{id}/terminate", AccessRole.Admin);

    public static ApiRoute ListReports { get; } = new("ListReports", "GET", "api/reports", AccessRole.Viewer);

    public static ApiRoute GetReport { get; } = new("GetReport", "GET", "api/reports/{id}", AccessRole.Viewer);

    public static ApiRoute ListDeadLetters { get; } = new("ListDeadLetters", "GET", "api/dead-letters/{queue}", AccessRole.Viewer);

    public static ApiRoute RetryDeadLetter { get; } = new("RetryDeadLetter", "POST", "api/dead-letters/{queue}/{sequence}/retry", AccessRole.Admin);
}
