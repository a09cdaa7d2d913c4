using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Hosting.Configuration;
using Pipeline.Standalone.Hosting;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Standalone.Tests.Stories;

/// <summary>The whole program over its HTTP API with a clock that the test moves, told in times of day.</summary>
internal sealed class Story : IAsyncDisposable
{
    private static readonly TimeSpan LongestStep = TimeSpan.FromHours(6);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-story-");
    private readonly ManualTimeProvider clock;
    private SqliteDatabase database = null!;
    private WebApplication app = null!;
    private PipelineLoops loops = null!;
    private HttpClient client = null!;

    private Story(DateTimeOffset start) => clock = new ManualTimeProvider(start);

    public DateTimeOffset Now => clock.GetUtcNow();

    public static async Task<Story> BeginAsync(string start, string configuration)
    {
        var story = new Story(Parse(start));
        await story.StartAsync(configuration);
        return story;
    }

    /// <summary>Lets time pass until <paramref name="time"/>, stopping wherever something falls due.</summary>
    public async Task UntilAsync(string time)
    {
        var target = time.Contains(' ', StringComparison.Ordinal) ? Parse(time) : Parse($"{Now:yyyy-MM-dd} {time}");
        await loops.DrainAsync(CancellationToken.None);
        while (Now < target)
        {
            var step = Now + LongestStep < target ? Now + LongestStep : target;
            clock.AdvanceTo(loops.NextTimer is { } due && due < step ? due : step);
            await loops.DrainAsync(CancellationToken.None);
        }
    }

    public Task FiresAsync(string alert, string severity, string since) => WebhookAsync(alert, severity, since, ends: null);

    public Task RecoversAsync(string alert, string severity, string since) => WebhookAsync(alert, severity, since, Now);

    public async Task PostAsync(string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        await loops.DrainAsync(CancellationToken.None);
    }

    public Task<JsonElement> GetAsync(string path) => client.GetFromJsonAsync<JsonElement>(path);

    public Task<string> GetTextAsync(string path) => client.GetStringAsync(path);

    /// <summary>The timeline, a line an entry: <c>01-07 10:00 text</c>.</summary>
    public async Task<string> TimelineAsync(string incident)
    {
        var timeline = await GetAsync($"/api/incidents/{incident}/timeline");
        return string.Join('\n', timeline.GetProperty("items").EnumerateArray().Select(entry => string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.GetProperty("at").GetDateTimeOffset():MM-dd HH:mm} {entry.GetProperty("text").GetString()}")));
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
        await database.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static DateTimeOffset Parse(string time) =>
        DateTimeOffset.ParseExact(time, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private async Task StartAsync(string configuration)
    {
        database = SqliteDatabase.Open(Path.Combine(folder.FullName, StandaloneServices.DatabaseName));
        var read = ConfigurationReader.ReadText(configuration, "story", _ => null);
        Assert.Empty(read.Problems);
        app = StandaloneHost.Build(read.Configuration!, database, clock, "http://127.0.0.1:0", TextWriter.Null, StandaloneMode.StepByStep);
        loops = app.Services.GetRequiredService<PipelineLoops>();
        await app.StartAsync();
        client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        await loops.DrainAsync(CancellationToken.None);
    }

    private Task WebhookAsync(string alert, string severity, string since, DateTimeOffset? ends)
    {
        var status = ends is null ? "firing" : "resolved";
        return PostAsync("/api/alerts/alertmanager", new
        {
            version = "4",
            status,
            alerts = new[]
            {
                new
                {
                    status,
                    labels = new { alertname = alert, service = "checkout", environment = "production", severity },
                    annotations = new { summary = $"{alert} in checkout" },
                    startsAt = Parse(since),
                    endsAt = ends ?? new DateTimeOffset(1, 1, 1, 0, 0, 0, TimeSpan.Zero),
                },
            },
        });
    }
}
