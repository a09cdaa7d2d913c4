using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

[Collection(AloneOnTheMachine.Name)]
public sealed class Concurrency
{
    private const int Posts = 50;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AlertPost.WebhookRoute)]
    [InlineData(AlertPost.ListRoute)]
    public async Task Fifty_posts_of_one_new_alert_at_once_are_one_incident_that_counts_fifty(string route)
    {
        await using var scene = await Scene.SetAsync();
        await scene.StartPipelineAsync();
        var alert = Alert("replica-0");

        await PostAllAsync(scene, route, Enumerable.Repeat(alert, Posts));

        var incident = await scene.TheIncidentAsync("all counted", one => one.Alerts.Sum(each => each.Count) >= Posts);
        Assert.Equal(Posts, Assert.Single(incident.Alerts).Count);
        await ExactlyOneEscalationAsync(scene);
    }

    [Fact]
    public async Task Fifty_new_alerts_of_one_service_at_once_are_one_incident_with_fifty_alerts()
    {
        await using var scene = await Scene.SetAsync();
        await scene.StartPipelineAsync();

        await PostAllAsync(scene, AlertPost.WebhookRoute, Enumerable.Range(0, Posts).Select(replica => Alert($"replica-{replica}")));

        var incident = await scene.TheIncidentAsync("all there", one => one.Alerts.Count >= Posts);
        Assert.Equal(Posts, incident.Alerts.Count);
        Assert.All(incident.Alerts, alert => Assert.Equal(1, alert.Count));
        await ExactlyOneEscalationAsync(scene);
    }

    private static AlertPost Alert(string instance) => new(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alertname"] = "LatencyHigh",
            ["service"] = "search",
            ["severity"] = "critical",
            ["instance"] = instance,
        },
        TimeProvider.System.GetUtcNow());

    private static async Task PostAllAsync(Scene scene, string route, IEnumerable<AlertPost> alerts)
    {
        var start = new TaskCompletionSource();
        var posts = alerts
            .Select(alert => string.Equals(route, AlertPost.ListRoute, StringComparison.Ordinal) ? AlertPost.ForList(alert) : AlertPost.ForWebhook(alert))
            .Select(async body =>
            {
                await start.Task;
                return await scene.Api.PostAlertsAsync(route, body, Token);
            })
            .ToList();
        start.SetResult();
        Assert.All(await Task.WhenAll(posts), answer => Assert.Equal(1, answer.Accepted));
    }

    private static async Task ExactlyOneEscalationAsync(Scene scene)
    {
        await scene.PageAsync("alice");
        Assert.Single(scene.Receiver.Pages.Where(page => string.Equals(page.Address, "alice", StringComparison.Ordinal)).Select(page => page.Key).Distinct(StringComparer.Ordinal));
    }
}
