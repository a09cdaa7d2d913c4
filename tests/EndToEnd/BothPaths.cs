using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

public sealed class BothPaths
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_by_webhook_and_straight_from_Prometheus_is_one_alert_of_one_incident()
    {
        await using var scene = await Scene.SetAsync();
        await scene.StartPipelineAsync();
        await scene.StartAlertmanagerAsync();
        await scene.StartPrometheusAsync(scene.Alertmanager!.Url, scene.Url);

        scene.CheckoutFails();
        await BothHaveToldAsync(scene, times: 1);

        var firing = await scene.TheIncidentAsync("both received", one => one.Alerts.Sum(each => each.Count) >= 2);
        Assert.Equal("firing", Assert.Single(firing.Alerts).Status);

        scene.CheckoutRecovers();
        await BothHaveToldAsync(scene, times: 2);

        var resolved = await scene.TheIncidentAsync("the alert resolved", one => one.Alerts.All(each => each is { Status: "resolved" }));
        Assert.Equal(firing.Id, resolved.Id);
        Assert.Single(resolved.Alerts);
    }

    private static async Task BothHaveToldAsync(Scene scene, int times)
    {
        await Eventually.TrueAsync(
            "Alertmanager has told the webhook",
            async token => await scene.Alertmanager!.MetricAsync("alertmanager_notifications_total", ["integration=\"webhook\""], token) >= times,
            Scene.Patience,
            Token,
            scene.Explain);
        await Eventually.TrueAsync(
            "Prometheus has told the program",
            async token => await scene.Prometheus!.MetricAsync("prometheus_notifications_sent_total", [scene.Url.Authority], token) >= times,
            Scene.Patience,
            Token,
            scene.Explain);
        Assert.Equal(0, await scene.Prometheus!.MetricAsync("prometheus_notifications_errors_total", [scene.Url.Authority], Token));
        Assert.Equal(0, await scene.Alertmanager!.MetricAsync("alertmanager_notification_requests_failed_total", ["integration=\"webhook\""], Token));
    }
}
