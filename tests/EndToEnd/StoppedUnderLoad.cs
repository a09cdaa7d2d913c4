using System.Collections.Concurrent;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

[Collection(AloneOnTheMachine.Name)]
public sealed class StoppedUnderLoad
{
    private const int Senders = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SIGTERM_finishes_what_is_in_hand_and_the_next_start_has_every_alert_that_was_answered()
    {
        await using var scene = await Scene.SetAsync();
        await scene.StartPipelineAsync();
        var answered = new ConcurrentBag<string>();
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendUntilItEndsAsync(scene, sender, answered), Token)).ToList();
        await Eventually.TrueAsync("some alerts", _ => Task.FromResult(answered.Count > 100), Scene.Patience, Token, scene.Explain);

        Assert.Equal(0, await scene.StopPipelineAsync());
        await Task.WhenAll(senders);

        await scene.StartPipelineAsync();
        var incidents = await Eventually.GetAsync(
            "an incident for each service",
            token => scene.Api.IncidentsAsync("open", token),
            all => all.Count >= answered.Count,
            Scene.Patience,
            Token,
            scene.Explain);
        Assert.Empty(answered.Except(incidents.Select(incident => incident.Service)));
    }

    private static async Task SendUntilItEndsAsync(Scene scene, int sender, ConcurrentBag<string> answered)
    {
        for (var number = 0; ; number++)
        {
            var service = $"service-{sender}-{number}";
            var labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = "Slow", ["service"] = service, ["severity"] = "info" };
            try
            {
                await scene.Api.PostAlertsAsync(AlertPost.ListRoute, AlertPost.ForList(new AlertPost(labels, TimeProvider.System.GetUtcNow())), Token);
                answered.Add(service);
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }
}
