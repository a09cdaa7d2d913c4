using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

/// <summary>
/// What every test here is played on: a receiver of pages, the program, and around it as much of the real Prometheus and Alertmanager as the test
/// starts. At the end it tears down in reverse order, and a failed test shows what each process said last.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    public static readonly TimeSpan LevelTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Long enough for a scrape, an evaluation, a notification and a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly TemporaryFolder folder = new();
    private readonly PipelineOptions options;
    private PipelineProcess? pipeline;
    private bool isExplained;

    private Scene(PageReceiver receiver)
    {
        Receiver = receiver;
        options = new PipelineOptions(folder.Folder("data"), folder.Write("pipeline.yaml", Configuration(receiver.Url)), FreePort.Next());
        Url = new Uri($"http://127.0.0.1:{options.Port}");
        Api = new PipelineApi(Url);
    }

    public PageReceiver Receiver { get; }

    public Uri Url { get; }

    public Uri WebhookUrl => new(Url, AlertPost.WebhookRoute);

    public PipelineApi Api { get; }

    public LoopbackExporter? Exporter { get; private set; }

    public AlertmanagerProcess? Alertmanager { get; private set; }

    public PrometheusProcess? Prometheus { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Scene> SetAsync() => new(await PageReceiver.StartAsync(Token));

    public async Task StartPipelineAsync() => pipeline = await PipelineProcess.StartAsync(options, Token);

    /// <summary>Ends the program the orderly way. Gives its exit code.</summary>
    public async Task<int> StopPipelineAsync()
    {
        await using var stopping = pipeline ?? throw new InvalidOperationException("The program isn't running.");
        pipeline = null;
        return await stopping.StopAsync(Token);
    }

    public async Task StartAlertmanagerAsync() =>
        Alertmanager = await AlertmanagerProcess.StartAsync(Installed.Alertmanager, new AlertmanagerOptions { Webhook = WebhookUrl }, Token);

    /// <summary>Starts Prometheus with one rule on the exporter's gauge, telling <paramref name="alertmanagers"/>.</summary>
    /// <param name="resendDelay">After this it says again what it said, or failed to say, before.</param>
    public async Task StartPrometheusAsync(TimeSpan resendDelay, params IReadOnlyList<Uri> alertmanagers)
    {
        var program = Installed.Prometheus;
        Exporter = await LoopbackExporter.StartAsync("checkout_error_ratio", Token);
        var prometheusOptions = new PrometheusOptions
        {
            Exporter = Exporter.Url,
            Alertmanagers = alertmanagers,
            Rules = CheckoutRule,
            ResendDelay = resendDelay,
        };
        Prometheus = await PrometheusProcess.StartAsync(program, prometheusOptions, Token);
    }

    /// <summary>The same with Prometheus's default of a minute, so that it tells each change once.</summary>
    public Task StartPrometheusAsync(params IReadOnlyList<Uri> alertmanagers) => StartPrometheusAsync(TimeSpan.FromMinutes(1), alertmanagers);

    public void CheckoutFails() => Exporter!.Value = 0.12;

    public void CheckoutRecovers() => Exporter!.Value = 0;

    /// <summary>Returns when the rule fires no more, so that whoever is told now is told of the recovery.</summary>
    public Task PrometheusSeesRecoveryAsync() => Eventually.TrueAsync(
        "Prometheus sees the recovery",
        async token => await Prometheus!.FiringAlertsAsync(token) == 0,
        Patience,
        Token,
        Explain);

    /// <summary>The one incident there is, with its alerts, once it is as <paramref name="isIt"/> wants it.</summary>
    public async Task<IncidentView> TheIncidentAsync(string what, Func<IncidentView, bool> isIt)
    {
        var all = await Eventually.GetAsync(
            what, Api.IncidentsWithAlertsAsync, incidents => incidents.Any(isIt), Patience, Token, Explain);
        return Assert.Single(all);
    }

    public Task<ReceivedPage> PageAsync(string address) => FirstPageAsync($"a page to {address}", page => string.Equals(page.Address, address, StringComparison.Ordinal));

    /// <summary>Says for <paramref name="time"/> that no page comes that was not there before.</summary>
    public async Task NoPageForAsync(TimeSpan time)
    {
        var before = Receiver.Pages.Select(page => page.Key).ToHashSet(StringComparer.Ordinal);
        await Task.Delay(time, TimeProvider.System, Token);
        Assert.DoesNotContain(Receiver.Pages, page => !before.Contains(page.Key));
    }

    /// <summary>What each process said last, for a failure message.</summary>
    public string Explain()
    {
        isExplained = true;
        var processes = new[] { pipeline?.Tail() ?? "--- the program is down ---", Alertmanager?.Tail(), Prometheus?.Tail() };
        return string.Join('\n', processes.Append($"--- received ---\n{string.Join('\n', Receiver.All)}"));
    }

    public async ValueTask DisposeAsync()
    {
        if (!isExplained)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(Explain());
        }

        foreach (var part in new IAsyncDisposable?[] { Prometheus, Alertmanager, Exporter, pipeline, Receiver })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        Api.Dispose();
        folder.Dispose();
    }

    private async Task<ReceivedPage> FirstPageAsync(string what, Func<ReceivedPage, bool> isIt)
    {
        var pages = await Eventually.GetAsync(what, _ => Task.FromResult(Receiver.Pages), all => all.Any(isIt), Patience, Token, Explain);
        return pages.First(isIt);
    }

    private const string CheckoutRule =
        """
        groups:
          - name: checkout
            interval: 1s
            rules:
              - alert: CheckoutErrorsHigh
                expr: checkout_error_ratio > 0.05
                labels: { severity: critical, service: checkout, environment: production }
                annotations: { summary: 'Checkout fails', error_rate: '{{ $value | humanizePercentage }}' }
        """;

    private static string Configuration(Uri receiver) =>
        $$"""
        channels:
          hook: { kind: webhook, url: "{{receiver}}" }
        people:
          alice: { name: Alice, contacts: [ { channel: hook, address: alice } ] }
          bob: { name: Bob, contacts: [ { channel: hook, address: bob } ] }
        escalation:
          default:
            levels:
              - { name: primary, targets: [ alice ], timeout: {{LevelTimeout.TotalSeconds}}s }
              - { name: secondary, targets: [ bob ], timeout: {{LevelTimeout.TotalSeconds}}s }
            repeat: 1
        """;
}
