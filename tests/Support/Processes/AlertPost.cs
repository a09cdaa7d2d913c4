using System.Text.Json;

namespace Pipeline.Tests.Support.Processes;

/// <summary>An alert as a test wants it said. It says it in either of the two shapes.</summary>
/// <param name="EndsAt">When it was resolved; null while it fires.</param>
public sealed record AlertPost(IReadOnlyDictionary<string, string> Labels, DateTimeOffset StartsAt, DateTimeOffset? EndsAt = null)
{
    public const string WebhookRoute = "api/alerts/alertmanager";

    public const string ListRoute = "api/v2/alerts";

    private const string NoTime = "0001-01-01T00:00:00Z";

    /// <summary>As Alertmanager notifies its webhook.</summary>
    public static byte[] ForWebhook(params IReadOnlyList<AlertPost> alerts) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        version = "4",
        receiver = "pipeline",
        status = alerts.Any(alert => alert.EndsAt is null) ? "firing" : "resolved",
        groupKey = "{}:{}",
        groupLabels = new { },
        commonLabels = new { },
        commonAnnotations = new { },
        externalURL = "http://alertmanager.example",
        truncatedAlerts = 0,
        alerts = alerts.Select(alert => new
        {
            status = alert.EndsAt is null ? "firing" : "resolved",
            labels = alert.Labels,
            annotations = new { summary = "Told by a test" },
            startsAt = alert.StartsAt,
            endsAt = alert.EndsAt?.ToString("O") ?? NoTime,
            generatorURL = "",
        }),
    });

    /// <summary>As Prometheus tells an Alertmanager.</summary>
    public static byte[] ForList(params IReadOnlyList<AlertPost> alerts) => JsonSerializer.SerializeToUtf8Bytes(alerts.Select(alert => new
    {
        labels = alert.Labels,
        annotations = new { summary = "Told by a test" },
        startsAt = alert.StartsAt,
        endsAt = alert.EndsAt ?? alert.StartsAt.AddHours(1),
        generatorURL = "http://prometheus.example/graph",
    }));
}
