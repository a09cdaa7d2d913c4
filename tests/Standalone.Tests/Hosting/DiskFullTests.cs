using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Standalone.Hosting;
using Pipeline.Standalone.Tests.Sqlite;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Standalone.Tests.Hosting;

public sealed class DiskFullTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>On the real clock: every loop of the program runs, and meets the full disk as often as it would.</summary>
    [Fact]
    public async Task R17_While_the_disk_is_full_the_log_has_a_line_a_minute_posts_hear_503_and_all_goes_on_after()
    {
        await using var folder = new DatabaseFolder();
        using var log = new LogRecorder();
        await using var app = StandaloneHost.Build(
            PipelineConfiguration.BuiltIn, folder.Database, TimeProvider.System, "http://127.0.0.1:0", TextWriter.Null, StandaloneMode.Demo);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await app.StartAsync(Token);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(HttpStatusCode.OK, await PostAsync(client, 0));

        var answers = new List<HttpStatusCode>();
        await using (await FailingWrites.BeginAsync(folder.Database))
        {
            for (var post = 1; post <= 40; post++)
            {
                answers.Add(await PostAsync(client, post));
                await Task.Delay(TimeSpan.FromMilliseconds(75), TimeProvider.System, Token);
            }
        }

        Assert.Contains(HttpStatusCode.ServiceUnavailable, answers);
        var faults = log.Entries.Where(entry => entry.Level >= LogLevel.Warning).ToList();
        Assert.InRange(faults.Count, 1, 3);
        Assert.All(faults, fault => Assert.Null(fault.Exception));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(client, 41));
        await app.StopAsync(Token);
    }

    /// <summary>Large enough that few of them fit what is free in the file.</summary>
    private static async Task<HttpStatusCode> PostAsync(HttpClient client, int number)
    {
        using var answer = await client.PostAsJsonAsync(
            "api/v2/alerts",
            new[] { new { labels = new { alertname = $"A{number}", service = $"s{number}" }, annotations = new { text = new string('x', 20_000) } } },
            Token);
        return answer.StatusCode;
    }
}
