using System.Globalization;
using System.Net;

namespace Pipeline.Tests.Support.Processes;

/// <param name="DataFolder">Outlives the process: a second one started on it goes on where the first was.</param>
/// <param name="ConfigurationFile">A <c>pipeline.yaml</c>.</param>
/// <param name="Port">0: any.</param>
public sealed record PipelineOptions(string DataFolder, string ConfigurationFile, int Port = 0);

/// <summary>The built program itself, run by <c>dotnet Pipeline.Standalone.dll serve</c>.</summary>
public sealed class PipelineProcess : IAsyncDisposable
{
    private const string Announcement = "Listening on ";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ChildProcess child;
    private Uri? url;

    private PipelineProcess(ChildProcess child) => this.child = child;

    /// <summary>Known once it is ready.</summary>
    public Uri Url => url ?? throw new InvalidOperationException("The program has not said yet where it listens; await ReadyAsync first.");

    public int ProcessId => child.Id;

    /// <summary>Starts it and doesn't wait.</summary>
    public static PipelineProcess Launch(PipelineOptions options)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Pipeline.Standalone.dll");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        return new PipelineProcess(ChildProcess.Start(dotnet,
        [
            program,
            "serve",
            "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.Port}"),
            "--data", options.DataFolder,
            "--config", options.ConfigurationFile,
        ]));
    }

    /// <summary>Starts it and returns when it takes alerts.</summary>
    public static async Task<PipelineProcess> StartAsync(PipelineOptions options, CancellationToken cancellationToken)
    {
        var pipeline = Launch(options);
        await pipeline.ReadyAsync(cancellationToken);
        return pipeline;
    }

    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var line = await child.WaitForLineAsync(line => line.Contains(Announcement, StringComparison.Ordinal), Patience, cancellationToken);
        var rest = line[(line.IndexOf(Announcement, StringComparison.Ordinal) + Announcement.Length)..];
        url = new Uri(rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
        using var http = new HttpClient { BaseAddress = url };
        await Eventually.TrueAsync("the program is ready", async token =>
        {
            using var answer = await http.GetAsync("api/health", token);
            return answer.StatusCode == HttpStatusCode.OK;
        }, Patience, cancellationToken, Tail);
    }

    /// <summary>Ends it the orderly way (SIGTERM).</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        child.Terminate();
        return await child.WaitForExitAsync(Patience, cancellationToken);
    }

    /// <summary>Ends it as a power cut would (SIGKILL).</summary>
    public Task KillAsync() => child.KillAsync();

    public string Tail() => child.Tail();

    public ValueTask DisposeAsync() => child.DisposeAsync();
}
