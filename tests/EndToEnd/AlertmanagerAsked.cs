using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Incidents.Alertmanagers;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

public sealed class AlertmanagerAsked
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["alertname"] = "DiskFull",
        ["service"] = "storage",
        ["severity"] = "warning",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task D24_The_real_Alertmanager_has_an_alert_firing_then_silenced_then_no_longer()
    {
        var amtool = Installed.Amtool;
        await using var alertmanager = await AlertmanagerProcess.StartAsync(Installed.Alertmanager, new AlertmanagerOptions(), Token);
        using var http = AlertmanagerClient.CreateHttp();
        var client = new AlertmanagerClient(http, new SecretSource(_ => null), TimeProvider.System, NullLogger<AlertmanagerClient>.Instance);
        var asked = new AlertmanagerConfiguration(alertmanager.Url);
        var fingerprint = Fingerprint.Of(Labels);

        await SendAsync(http, alertmanager.Url, TimeProvider.System.GetUtcNow().AddHours(1));
        await StateAsync("the alert fires", has => has is { IsSuppressed: false });

        var (exitCode, output) = await ChildProcess.RunAsync(
            amtool,
            [$"--alertmanager.url={alertmanager.Url}", "silence", "add", "--author=test", "--comment=maintenance", "alertname=DiskFull"],
            Scene.Patience,
            Token);
        Assert.True(exitCode == 0, output);
        await StateAsync("the alert is silenced", has => has is { IsSuppressed: true });

        await SendAsync(http, alertmanager.Url, TimeProvider.System.GetUtcNow());
        await StateAsync("the alert is gone", has => has is null);

        Task StateAsync(string what, Func<AlertmanagerAlert?, bool> isSo) => Eventually.TrueAsync(
            what,
            async cancellationToken => await client.AskAsync(asked, cancellationToken) is { } state
                && state.StartedAt > TimeProvider.System.GetUtcNow().AddMinutes(-10)
                && isSo(state.Alerts.TryGetValue(fingerprint, out var there) ? there : null),
            Scene.Patience,
            Token,
            alertmanager.Tail);
    }

    /// <summary>As Prometheus sends it.</summary>
    private static async Task SendAsync(HttpClient http, Uri alertmanager, DateTimeOffset endsAt)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(alertmanager, "api/v2/alerts"), new[] { new { labels = Labels, endsAt } }, Token);
        answer.EnsureSuccessStatusCode();
    }
}
