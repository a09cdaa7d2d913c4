using System.Diagnostics;
using System.Globalization;
using System.Net;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Xunit;

namespace Pipeline.Standalone.Tests.Hosting;

/// <summary>The program itself, on the real clock, with an output that nobody reads or that is closed.</summary>
public sealed class UnreadOutputTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly Uri url = new($"http://127.0.0.1:{FreePort.Next()}");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task R5_An_output_that_nobody_reads_holds_up_no_post_and_no_page_and_the_lines_dropped_are_counted()
    {
        // A line each: more than the pipe (64 KiB) and the logger's queue (2,500 lines) hold together.
        const int RefusedPosts = 3_500, Incidents = 5;
        await using var hook = await LoopbackWebhook.StartAsync(cancellationToken: Stop);
        using var program = Start(hook.Url);
        using var api = new PipelineApi(url);
        await ReadyAsync(api);
        await Parallel.ForAsync(0, RefusedPosts, Stop, async (_, token) => await PostNonsenseAsync(api, token));

        await api.PostAlertsAsync(AlertPost.WebhookRoute, AlertPost.ForWebhook([.. Enumerable.Range(0, Incidents).Select(Alert)]), Stop);

        var pages = await Eventually.GetAsync(
            "a page of each incident",
            _ => Task.FromResult(hook.Requests.Where(request => request.Field("purpose") == "page").ToList()),
            pages => pages.Count >= Incidents,
            Patience,
            Stop);
        Assert.Equal(Incidents, pages.Select(page => page.Field("incidentId")).Distinct(StringComparer.Ordinal).Count());

        // Somebody reads again.
        var drop = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(string? line) => _ = line?.Contains("message(s) dropped", StringComparison.Ordinal) == true && drop.TrySetResult(line);
        program.ErrorDataReceived += (_, line) => Look(line.Data);
        program.OutputDataReceived += (_, line) => Look(line.Data);
        program.BeginErrorReadLine();
        program.BeginOutputReadLine();
        await Eventually.TrueAsync(
            "a line says how many were dropped",
            async token =>
            {
                // It comes with the next line that finds room.
                await PostNonsenseAsync(api, token);
                return drop.Task.IsCompleted;
            },
            Patience,
            Stop);
        Assert.Matches("[1-9][0-9]* message", await drop.Task);
    }

    [Fact]
    public async Task R18_A_page_to_an_output_whose_reader_has_gone_is_said_to_have_failed()
    {
        using var program = Start(hook: null);
        using var api = new PipelineApi(url);
        await ReadyAsync(api);
        program.StandardOutput.Close();

        await api.PostAlertsAsync(AlertPost.WebhookRoute, AlertPost.ForWebhook(Alert(0)), Stop);

        var timeline = await Eventually.GetAsync(
            "the page's receipt",
            async token => await api.IncidentsAsync("all", token) is [var incident] ? await api.TimelineAsync(incident.Id, token) : [],
            entries => entries.Any(entry => entry.Text.StartsWith("Page to alice by console", StringComparison.Ordinal)),
            Patience,
            Stop);

        // What was said there before the page may have opened the channel's circuit breaker, which then names the same fault.
        var receipt = timeline.First(entry => entry.Text.StartsWith("Page to alice by console", StringComparison.Ordinal)).Text;
        Assert.StartsWith("Page to alice by console failed, trying again: ", receipt, StringComparison.Ordinal);
        Assert.Contains("the console can't be written", receipt, StringComparison.Ordinal);
        Assert.DoesNotContain(timeline, entry => entry.Text.Contains("delivered", StringComparison.Ordinal));
    }

    private static AlertPost Alert(int number) => new(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alertname"] = "LatencyHigh",
            ["service"] = string.Create(CultureInfo.InvariantCulture, $"service-{number}"),
            ["severity"] = "critical",
        },
        TimeProvider.System.GetUtcNow());

    private static async Task PostNonsenseAsync(PipelineApi api, CancellationToken token)
    {
        using var content = new StringContent("{", System.Text.Encoding.UTF8, "application/json");
        using var answer = await api.Http.PostAsync(AlertPost.ListRoute, content, token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static Task ReadyAsync(PipelineApi api) => Eventually.TrueAsync(
        "the program is ready",
        async token =>
        {
            using var answer = await api.Http.GetAsync("api/health", token);
            return answer.IsSuccessStatusCode;
        },
        Patience,
        Stop);

    /// <summary>Its output goes into pipes that nobody reads until the test does.</summary>
    private RunningProgram Start(Uri? hook)
    {
        var channels = hook is null ? "" : $"channels: {{hook: {{kind: webhook, url: '{hook}'}}}}";
        var contacts = hook is null ? "[{channel: console}]" : "[{channel: hook}, {channel: console}]";
        var configuration = folder.Write("pipeline.yaml", $$"""
            {{channels}}
            people: {alice: {contacts: {{contacts}} } }
            escalation: {default: {levels: [{targets: [alice], timeout: 1h}]} }
            """);
        var program = new RunningProgram
        {
            StartInfo = new ProcessStartInfo(
                Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                [
                    Path.Combine(AppContext.BaseDirectory, "Pipeline.Standalone.dll"),
                    "serve", "--urls", url.ToString(), "--data", folder.Folder("data"), "--config", configuration,
                ])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        program.Start();
        return program;
    }

    private sealed class RunningProgram : Process
    {
        protected override void Dispose(bool disposing)
        {
            if (disposing && !HasExited)
            {
                Kill();
                WaitForExit();
            }

            base.Dispose(disposing);
        }
    }
}
