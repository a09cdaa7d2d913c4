using System.Globalization;
using System.Text.Json;

namespace Pipeline.Tests.Support.Processes;

public sealed record PrometheusOptions
{
    /// <summary>What is scraped, once a second.</summary>
    public required Uri Exporter { get; init; }

    /// <summary>What is told of alerts: <c>/api/v2/alerts</c> below each.</summary>
    public required IReadOnlyList<Uri> Alertmanagers { get; init; }

    /// <summary>The body of a rule file, evaluated once a second.</summary>
    public required string Rules { get; init; }

    /// <summary>How often a firing alert is sent again. Prometheus's default is a minute.</summary>
    public TimeSpan ResendDelay { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>The real Prometheus on loopback.</summary>
public sealed class PrometheusProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http = new();
    private ChildProcess? child;

    private PrometheusProcess()
    {
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}"));
    }

    public Uri Url { get; }

    public static async Task<PrometheusProcess> StartAsync(string program, PrometheusOptions options, CancellationToken cancellationToken)
    {
        var prometheus = new PrometheusProcess();
        prometheus.Start(program, options);
        await Eventually.TrueAsync("Prometheus is ready", prometheus.IsReadyAsync, Patience, cancellationToken, prometheus.Tail);
        return prometheus;
    }

    public Task<double> MetricAsync(string metric, IReadOnlyList<string> labels, CancellationToken cancellationToken) =>
        MetricsPage.SumAsync(http, new Uri(Url, "metrics"), metric, labels, cancellationToken);

    /// <summary>How many alerts fire now, by its own account.</summary>
    public async Task<int> FiringAlertsAsync(CancellationToken cancellationToken)
    {
        await using var body = await http.GetStreamAsync(new Uri(Url, "api/v1/alerts"), cancellationToken);
        using var answer = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return answer.RootElement.GetProperty("data").GetProperty("alerts").EnumerateArray()
            .Count(alert => alert.GetProperty("state").ValueEquals("firing"));
    }

    public string Tail() => child?.Tail() ?? "--- Prometheus was not started ---";

    public async ValueTask DisposeAsync()
    {
        if (child is not null)
        {
            await child.DisposeAsync();
        }

        http.Dispose();
        folder.Dispose();
    }

    private void Start(string program, PrometheusOptions options)
    {
        folder.Write("rules.yml", options.Rules);
        child = ChildProcess.Start(program,
        [
            $"--config.file={folder.Write("prometheus.yml", Configuration(options))}",
            $"--storage.tsdb.path={folder.Folder("data")}",
            $"--web.listen-address={Url.Authority}",
            string.Create(CultureInfo.InvariantCulture, $"--rules.alert.resend-delay={options.ResendDelay.TotalMilliseconds:0}ms"),
        ]);
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(Url, "-/ready"), cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    private static string Configuration(PrometheusOptions options) =>
        $"""
        global:
          scrape_interval: 1s
          evaluation_interval: 1s
        rule_files: [ rules.yml ]
        scrape_configs:
          - job_name: exporter
            static_configs: [ {"{"} targets: [ '{options.Exporter.Authority}' ] {"}"} ]
        alerting:
          alertmanagers:
            - api_version: v2
              static_configs: [ {"{"} targets: [ {string.Join(", ", options.Alertmanagers.Select(url => $"'{url.Authority}'"))} ] {"}"} ]
        """;
}
