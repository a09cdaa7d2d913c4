using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

public sealed class DownWhileAlertmanagerRetries
{
    [Fact]
    public async Task The_incident_appears_once_the_program_is_up()
    {
        await using var scene = await Scene.SetAsync();
        await scene.StartAlertmanagerAsync();
        await scene.StartPrometheusAsync(scene.Alertmanager!.Url);

        scene.CheckoutFails();
        await Eventually.TrueAsync(
            "Alertmanager tried in vain",
            async token => await scene.Alertmanager.MetricAsync("alertmanager_notification_requests_failed_total", ["integration=\"webhook\""], token) > 0,
            Scene.Patience,
            TestContext.Current.CancellationToken,
            scene.Explain);

        await scene.StartPipelineAsync();

        var incident = await scene.TheIncidentAsync("the incident", one => one.Alerts.Count > 0);
        Assert.Equal("firing", Assert.Single(incident.Alerts).Status);
        Assert.Equal(incident.Id, (await scene.PageAsync("alice")).IncidentId);
    }
}
