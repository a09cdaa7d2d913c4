using System.Net;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Bench.Load;

/// <summary>One of the two programs, just started, with no data of an earlier turn.</summary>
internal sealed class RunningTarget : IAsyncDisposable
{
    private readonly IReadOnlyList<IAsyncDisposable> parts;
    private readonly TemporaryFolder? folder;

    private RunningTarget(Target kind, Uri url, int processId, PageReceiver? receiver, IReadOnlyList<IAsyncDisposable> parts, TemporaryFolder? folder = null)
    {
        Kind = kind;
        Url = url;
        ProcessId = processId;
        Receiver = receiver;
        this.parts = parts;
        this.folder = folder;
    }

    public Target Kind { get; }

    public Uri Url { get; }

    public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, Url.Port);

    public int ProcessId { get; }

    /// <summary>Where the pipeline's pages arrive; Alertmanager has none here.</summary>
    public PageReceiver? Receiver { get; }

    public static Task<RunningTarget> StartAsync(Target kind, CancellationToken cancellationToken) => kind switch
    {
        Target.Alertmanager => StartAlertmanagerAsync(cancellationToken),
        _ => StartPipelineAsync(cancellationToken),
    };

    public AlertRequest Request(int alertsPerPost, int services, string severity) =>
        AlertRequest.Create(Url.Authority, alertsPerPost, services, severity, TimeProvider.System.GetUtcNow().AddMinutes(-1));

    public async ValueTask DisposeAsync()
    {
        foreach (var part in parts)
        {
            await part.DisposeAsync();
        }

        folder?.Dispose();
    }

    /// <summary>Nobody is notified and nothing flushed inside a turn: Alertmanager only takes the alerts in.</summary>
    private static async Task<RunningTarget> StartAlertmanagerAsync(CancellationToken cancellationToken)
    {
        var program = InstalledProgram.Alertmanager ?? throw new InvalidOperationException("No Alertmanager on the path: apt-get install prometheus-alertmanager");
        var options = new AlertmanagerOptions { GroupBy = "service", GroupWait = TimeSpan.FromMinutes(5), GroupInterval = TimeSpan.FromMinutes(5) };
        var alertmanager = await AlertmanagerProcess.StartAsync(program, options, cancellationToken);
        return new RunningTarget(Target.Alertmanager, alertmanager.Url, alertmanager.ProcessId, null, [alertmanager]);
    }

    private static async Task<RunningTarget> StartPipelineAsync(CancellationToken cancellationToken)
    {
        var home = new TemporaryFolder();
        var receiver = await PageReceiver.StartAsync(cancellationToken);
        var options = new PipelineOptions(home.Folder("data"), home.Write("pipeline.yaml", Configuration(receiver.Url)));
        var pipeline = await PipelineProcess.StartAsync(options, cancellationToken);
        return new RunningTarget(Target.Pipeline, pipeline.Url, pipeline.ProcessId, receiver, [pipeline, receiver], home);
    }

    /// <summary>Each incident pages one person once and then waits for longer than any turn.</summary>
    private static string Configuration(Uri receiver) =>
        $$"""
        channels:
          hook: { kind: webhook, url: "{{receiver}}" }
        people:
          alice: { name: Alice, contacts: [ { channel: hook, address: alice } ] }
        escalation:
          default:
            levels:
              - { name: primary, targets: [ alice ], timeout: 12h }
            repeat: 0
        """;
}
