using System.Globalization;

namespace Pipeline.Tests.Support.Processes;

public sealed record AlertmanagerOptions
{
    /// <summary>Where notifications go; null: nowhere.</summary>
    public Uri? Webhook { get; init; }

    public string GroupBy { get; init; } = "alertname";

    public TimeSpan GroupWait { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan GroupInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan RepeatInterval { get; init; } = TimeSpan.FromHours(4);
}

/// <summary>The real Alertmanager, alone (no cluster), on loopback, with a folder that outlives its restarts.</summary>
public sealed class AlertmanagerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http = new();
    private readonly string program;
    private readonly int port = FreePort.Next();
    private ChildProcess? child;

    private AlertmanagerProcess(string program, AlertmanagerOptions options)
    {
        this.program = program;
        folder.Write("alertmanager.yml", Configuration(options));
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
    }

    public Uri Url { get; }

    public int ProcessId => child?.Id ?? 0;

    public static async Task<AlertmanagerProcess> StartAsync(string program, AlertmanagerOptions options, CancellationToken cancellationToken)
    {
        var alertmanager = new AlertmanagerProcess(program, options);
        await alertmanager.StartAsync(cancellationToken);
        return alertmanager;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        child = ChildProcess.Start(program,
        [
            $"--config.file={Path.Combine(folder.Path, "alertmanager.yml")}",
            $"--storage.path={folder.Folder("data")}",
            $"--web.listen-address={Url.Authority}",
            "--cluster.listen-address=",
        ]);
        await Eventually.TrueAsync("Alertmanager is ready", IsReadyAsync, Patience, cancellationToken, () => child.Tail());
    }

    /// <summary>Ends it the orderly way; it writes down what it has told whom.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (child is null)
        {
            return;
        }

        child.Terminate();
        await child.WaitForExitAsync(Patience, cancellationToken);
        await child.DisposeAsync();
        child = null;
    }

    public Task<double> MetricAsync(string metric, IReadOnlyList<string> labels, CancellationToken cancellationToken) =>
        MetricsPage.SumAsync(http, new Uri(Url, "metrics"), metric, labels, cancellationToken);

    public string Tail() => child?.Tail() ?? "--- Alertmanager is down ---";

    public async ValueTask DisposeAsync()
    {
        if (child is not null)
        {
            await child.DisposeAsync();
        }

        http.Dispose();
        folder.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(Url, "-/ready"), cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    private static string Configuration(AlertmanagerOptions options)
    {
        var webhook = options.Webhook is null ? "" : $"\n    webhook_configs: [ {{ url: '{options.Webhook}', send_resolved: true }} ]";
        return $"""
            route:
              receiver: pipeline
              group_by: [{options.GroupBy}]
              group_wait: {Milliseconds(options.GroupWait)}
              group_interval: {Milliseconds(options.GroupInterval)}
              repeat_interval: {Milliseconds(options.RepeatInterval)}
            receivers:
              - name: pipeline{webhook}
            """;
    }

    private static string Milliseconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0}ms");
}
