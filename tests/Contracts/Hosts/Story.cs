using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Pipeline.Tests.Contracts.Hosts;

/// <summary>A host over its HTTP API with a clock that the test moves, told in times of day.</summary>
internal sealed class Story(HostUnderTest host)
{
    private static readonly TimeSpan LongestStep = TimeSpan.FromHours(6);

    public DateTimeOffset Now => host.Clock.GetUtcNow();

    /// <summary>Lets time pass until <paramref name="time"/>, stopping wherever something falls due.</summary>
    public async Task UntilAsync(string time)
    {
        var target = time.Contains(' ', StringComparison.Ordinal) ? Parse(time) : Parse($"{Now:yyyy-MM-dd} {time}");
        await host.DrainAsync();
        while (Now < target)
        {
            var step = Now + LongestStep < target ? Now + LongestStep : target;
            host.Clock.AdvanceTo(host.NextTimer is { } due && due < step ? due : step);
            await host.DrainAsync();
        }
    }

    public Task FiresAsync(string alert, string severity, string since) => WebhookAsync(alert, severity, since, ends: null);

    public Task RecoversAsync(string alert, string severity, string since) => WebhookAsync(alert, severity, since, Now);

    public async Task PostAsync(string path, object body)
    {
        using var answer = await host.Client.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        await host.DrainAsync();
    }

    public Task<JsonElement> GetAsync(string path) => host.Client.GetFromJsonAsync<JsonElement>(path);

    public Task<string> GetTextAsync(string path) => host.Client.GetStringAsync(path);

    /// <summary>The timeline, a line an entry: <c>01-07 10:00 text</c>.</summary>
    public async Task<string> TimelineAsync(string incident)
    {
        var timeline = await GetAsync($"/api/incidents/{incident}/timeline");
        return string.Join('\n', timeline.GetProperty("items").EnumerateArray().Select(entry => string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.GetProperty("at").GetDateTimeOffset():MM-dd HH:mm} {entry.GetProperty("text").GetString()}")));
    }

    public static DateTimeOffset Parse(string time) =>
        DateTimeOffset.ParseExact(time, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

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
