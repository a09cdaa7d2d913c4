using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

public sealed class FiringToResolved
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rule_that_fires_is_paged_for_until_somebody_acknowledges_and_resolved_when_it_recovers()
    {
        await using var scene = await Scene.SetAsync();
        await scene.StartPipelineAsync();
        await scene.StartAlertmanagerAsync();
        await scene.StartPrometheusAsync(scene.Alertmanager!.Url);

        scene.CheckoutFails();

        var incident = await scene.TheIncidentAsync("the incident", one => one.Alerts.Count > 0);
        var alert = Assert.Single(incident.Alerts);
        Assert.Equal("SEV-1", incident.Severity);
        Assert.Equal("checkout", incident.Service);
        Assert.Equal("production", incident.Environment);
        Assert.Equal("CheckoutErrorsHigh", alert.Labels["alertname"]);
        Assert.Equal("firing", alert.Status);

        var page = await scene.PageAsync("alice");
        Assert.Equal(incident.Id, page.IncidentId);
        Assert.NotEmpty(page.Key);

        await scene.Api.CommandAsync(incident.Id, "acknowledge", new { by = "alice" }, Token);
        await scene.NoPageForAsync((Scene.LevelTimeout * 2) + TimeSpan.FromSeconds(1));
        Assert.True((await scene.Api.OrchestrationAsync($"escalation-{incident.Id}", Token)).HasCompleted);

        scene.CheckoutRecovers();

        var after = await scene.TheIncidentAsync("the alert resolved", one => one.Alerts.All(each => each is { Status: "resolved" }));
        Assert.Equal(incident.Id, after.Id);
        Assert.Equal("alice", after.AcknowledgedBy);
        Assert.NotNull(Assert.Single(after.Alerts).EndsAt);
    }

    [Fact]
    public async Task An_unanswered_page_goes_to_the_next_level_after_its_timeout()
    {
        await using var scene = await Scene.SetAsync();
        await scene.StartPipelineAsync();
        await scene.StartAlertmanagerAsync();
        await scene.StartPrometheusAsync(scene.Alertmanager!.Url);

        scene.CheckoutFails();

        var primary = await scene.PageAsync("alice");
        var secondary = await scene.PageAsync("bob");
        Assert.Equal(primary.IncidentId, secondary.IncidentId);
        Assert.InRange(secondary.At - primary.At, Scene.LevelTimeout - TimeSpan.FromMilliseconds(300), Scene.Patience);
    }
}
