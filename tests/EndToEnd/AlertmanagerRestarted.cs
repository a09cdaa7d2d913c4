using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

public sealed class AlertmanagerRestarted
{
    // What Prometheus says while Alertmanager is down is lost; it says it again after this.
    private static readonly TimeSpan ResendDelay = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)] // It recovers when Alertmanager is back: the resolve comes from a process that never notified of the firing.
    [InlineData(true)] // It recovers while Alertmanager is down: the resolve is the first that the new process hears of the alert.
    public async Task The_incident_stays_one_and_its_alert_is_resolved(bool recoversWhileDown)
    {
        await using var scene = await Scene.SetAsync();
        await scene.StartPipelineAsync();
        await scene.StartAlertmanagerAsync();
        await scene.StartPrometheusAsync(ResendDelay, scene.Alertmanager!.Url);

        scene.CheckoutFails();
        var incident = await scene.TheIncidentAsync("the incident", one => one.Alerts.Count > 0);

        await scene.Alertmanager.StopAsync(Token);
        if (recoversWhileDown)
        {
            scene.CheckoutRecovers();
            await scene.PrometheusSeesRecoveryAsync();
        }

        await scene.Alertmanager.StartAsync(Token);
        scene.CheckoutRecovers();

        var after = await scene.TheIncidentAsync("the alert resolved", one => one.Alerts.All(each => each is { Status: "resolved" }));
        Assert.Equal(incident.Id, after.Id);
        Assert.Single(after.Alerts);
    }
}
