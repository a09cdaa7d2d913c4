using System.Net.Http.Json;

namespace Pipeline.Standalone.Commands;

/// <param name="At">Since the demo began.</param>
/// <param name="Says">What happens, for the audience.</param>
/// <param name="Body">With the time of the call.</param>
/// <param name="After">Waits for a line of the timeline that begins so, on a machine too slow for <paramref name="At"/>; null waits for none.</param>
internal sealed record DemoStep(TimeSpan At, string Says, string Path, Func<DateTimeOffset, object> Body, string? After = null)
{
    /// <param name="passed">Since the demo began.</param>
    /// <param name="timeline">What the timeline says so far.</param>
    public bool IsDue(TimeSpan passed, IReadOnlyList<string> timeline) =>
        passed >= At && (After is null || timeline.Any(line => line.StartsWith(After, StringComparison.Ordinal)));

    public Task<HttpResponseMessage> SendAsync(HttpClient client, DateTimeOffset now, CancellationToken cancellationToken) =>
        client.PostAsJsonAsync(Path, Body(now), cancellationToken);
}

/// <summary>What the demo plays: the seeds' payment outage in forty minutes.</summary>
internal static class DemoStory
{
    public const string Incident = "INC-1";

    public const string Configuration = """
        people:
          alice: {name: Alice, contacts: [{channel: console}]}
          bob: {name: Bob, contacts: [{channel: console}]}
          carol: {name: Carol, contacts: [{channel: console}]}
        escalation:
          default:
            levels:
              - {name: primary, targets: [alice], timeout: 5m}
              - {name: secondary, targets: [bob], timeout: 10m}
              - {name: manager, targets: [carol], timeout: 15m}
        """;

    public static readonly TimeSpan Length = TimeSpan.FromMinutes(46);

    private static readonly DateTimeOffset NotYet = new(1, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="begin">When the demo began; the alert had been firing for a moment then.</param>
    public static IReadOnlyList<DemoStep> Steps(DateTimeOffset begin) =>
    [
        new(TimeSpan.Zero, "Alertmanager: CheckoutErrors fires, error rate 62%", "/api/alerts/alertmanager", now => Webhook(begin, now, firing: true)),
        new(Minutes(11), "Bob, woken as secondary, acknowledges", "/api/incidents/INC-1/acknowledge", _ => new { By = "bob" }, After: "Paging Bob"),
        new(Minutes(15), "Bob writes the first update", "/api/incidents/INC-1/updates", _ => new
        {
            By = "bob",
            Text = "Connection pool of payment-service is exhausted since the last deployment. Rolling back.",
            Stage = "identified",
        }),
        new(Minutes(24), "The rollback is through; Bob watches it", "/api/incidents/INC-1/stage", _ => new { By = "bob", Stage = "monitoring" }),
        new(Minutes(38), "Alertmanager: CheckoutErrors is resolved", "/api/alerts/alertmanager", now => Webhook(begin, now, firing: false)),
        new(Minutes(44), "Bob writes the final update", "/api/incidents/INC-1/updates", _ => new { By = "bob", Text = "Rolled back; checkout works. A postmortem follows." }),
    ];

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    private static object Webhook(DateTimeOffset begin, DateTimeOffset now, bool firing) =>
        new
        {
            Version = "4",
            Status = firing ? "firing" : "resolved",
            Receiver = "pipeline",
            Alerts = new[]
            {
                new
                {
                    Status = firing ? "firing" : "resolved",
                    Labels = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["alertname"] = "CheckoutErrors",
                        ["service"] = "checkout",
                        ["environment"] = "production",
                        ["severity"] = "warning",
                    },
                    Annotations = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["summary"] = "Checkout fails for most users",
                        ["error_rate"] = "62%",
                    },
                    StartsAt = begin - TimeSpan.FromSeconds(40),
                    EndsAt = firing ? NotYet : now,
                },
            },
        };
}
