using System.Globalization;
using Pipeline.Tests.Support;

namespace Pipeline.EndToEnd.Outages;

[Collection(AloneOnTheMachine.Name)]
public sealed class OutageTests
{
    private const int Channels = 20;
    private const int IncidentsPerChannel = 5;

    // A page and an update each.
    private const int OwedPerChannel = 2 * IncidentsPerChannel;

    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R1_Whatever_a_far_end_does_what_is_owed_comes_once_within_a_minute_of_its_recovery()
    {
        using var noise = new CpuNoise();

        var faults = await Task.WhenAll(Enum.GetValues<OutageKind>().Select(kind => Task.Run(() => RunAsync(kind), Token)));

        Assert.Empty(faults.OfType<string>());
    }

    /// <returns>What went wrong; null where nothing did.</returns>
    private static async Task<string?> RunAsync(OutageKind kind)
    {
        await using var farEnd = await FarEndInTrouble.StartAsync(kind, Token);
        await using var healthy = await LoopbackWebhook.StartAsync(cancellationToken: Token);
        var names = Enumerable.Range(0, Channels).Select(channel => string.Create(CultureInfo.InvariantCulture, $"channel-{channel}")).ToList();
        var urls = names.ToDictionary(name => name, name => new Uri(farEnd.Url, name), StringComparer.Ordinal);
        urls["healthy"] = healthy.Url;
        await using var pipeline = new DeliveringPipeline(urls);

        // Spread over the outage, as incidents are, so that retries of one fall between those of others.
        for (var incident = 0; incident < IncidentsPerChannel; incident++)
        {
            await Task.WhenAll(names.Append("healthy").Select(name => pipeline.SendAsync(name, incident, Token)));
            await Task.Delay(Outage / IncidentsPerChannel, TimeProvider.System, Token);
        }

        var meanwhile = healthy.Distinct.Count;
        await farEnd.RecoverAsync(Token);
        var comeWithin = await CountAsync(farEnd, names.Count * OwedPerChannel);
        var doubles = farEnd.Taken.GroupBy(request => (request.Path, request.IdempotencyKey)).Count(group => group.Count() > 1);
        return (meanwhile, comeWithin, doubles) == (OwedPerChannel, names.Count * OwedPerChannel, 0)
            ? null
            : $"{kind}: of {names.Count * OwedPerChannel} owed came {comeWithin} within {Recovery}, {doubles} twice; a healthy channel got {meanwhile} of {OwedPerChannel} meanwhile.";
    }

    private static async Task<int> CountAsync(FarEndInTrouble farEnd, int owed)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var come = farEnd.Taken.DistinctBy(request => (request.Path, request.IdempotencyKey)).Count();
            if (come >= owed || TimeProvider.System.GetElapsedTime(begun) > Recovery)
            {
                return come;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, Token);
        }
    }
}
