using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;
using Pipeline.Standalone.Orchestration;
using Xunit;

namespace Pipeline.Standalone.Tests.Orchestration;

/// <summary>What is alive in memory saves time and decides nothing.</summary>
public sealed class CacheTests : EngineTest
{
    private const int Instances = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Dropping_the_cache_at_random_changes_nothing(int seed)
    {
        var cached = await WanderAsync(seed, cachedInstances: 1000, drop: 0);
        Assert.Contains("completed", cached, StringComparison.Ordinal);
        Assert.DoesNotContain("failed", cached, StringComparison.Ordinal);

        Assert.Equal(cached, await WanderAsync(seed, cachedInstances: 0, drop: 0));
        Assert.Equal(cached, await WanderAsync(seed, cachedInstances: 3, drop: 0));
        Assert.Equal(cached, await WanderAsync(seed, cachedInstances: 1000, drop: 0.3));
    }

    [Fact]
    public void Only_the_runs_used_last_are_kept()
    {
        var live = new LiveInstances(2);
        var runs = Enumerable.Range(0, 3).Select(Run).ToList();
        live.Put(new LiveInstance(runs[0], 1));
        live.Put(new LiveInstance(runs[1], 1));
        live.Put(new LiveInstance(live.Take(runs[0].Identity, 1)!, 2));
        live.Put(new LiveInstance(runs[2], 1));

        Assert.Null(live.Take(runs[1].Identity, 1));
        Assert.Same(runs[0], live.Take(runs[0].Identity, 2));
        Assert.Same(runs[2], live.Take(runs[2].Identity, 1));
        Assert.Null(live.Take(runs[2].Identity, 1));
    }

    // Of another length or generation: it doesn't stand where the history ends.
    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    public void A_run_that_does_not_fit_is_not_given(int turns, int generation)
    {
        var live = new LiveInstances(2);
        var run = Run(0);
        live.Put(new LiveInstance(run, 1));

        Assert.Null(live.Take(run.Identity with { Generation = run.Identity.Generation + generation }, turns));
    }

    private static OrchestrationRun Run(int number) =>
        new(new OrchestrationIdentity($"it-{number}", "it", number), null, null, new OrchestrationCatalog(), () => { });

    /// <summary>Some instances take events, times and activities in an order that the seed decides; gives how all of them stand at the end.</summary>
    private async Task<string> WanderAsync(int seed, int cachedInstances, double drop)
    {
        var random = new Random(seed);
        var drops = new Random(seed);
        var catalog = new OrchestrationCatalog()
            .AddOrchestrator("wander", WanderAsync)
            .AddActivity<int, int>("triple", (number, _) => number % 11 == 0 ? throw new TimeoutException("eleven") : Task.FromResult(number * 3));
        var host = Open(catalog, new OrchestrationEngineOptions { CachedInstances = cachedInstances, Random = () => 0 });
        for (var i = 0; i < Instances; i++)
        {
            await host.Client.StartAsync("wander", $"wander-{i}", new Path(0, 0, default), Cancel);
        }

        for (var i = 0; i < 250; i++)
        {
            await host.Client.RaiseEventAsync($"wander-{random.Next(Instances)}", "bump", random.Next(1000), Cancel);
            if (random.Next(3) == 0)
            {
                host.Clock.Advance(TimeSpan.FromMinutes(random.Next(10)));
            }

            for (var steps = random.Next(6); steps > 0 && await host.Engine.StepAsync(Cancel); steps--)
            {
                if (drops.NextDouble() < drop)
                {
                    host.Engine.DropCache();
                }
            }
        }

        await host.PassAsync(TimeSpan.FromDays(1), Cancel);
        var page = await host.Client.ListAsync(new OrchestrationQuery(), Cancel);
        return System.Text.Json.JsonSerializer.Serialize(page, PipelineJson.Indented);
    }

    private static async Task<object?> WanderAsync(IOrchestrationContext context)
    {
        var path = context.GetInput<Path>()!;
        var bump = context.WaitForExternalEvent<int>("bump");
        for (var i = 0; i < 5 || bump.IsCompleted; i++)
        {
            if (await context.WhenAnyUntil(context.CurrentUtcDateTime.AddMinutes(5 + i), bump) is null)
            {
                path = path.Step(await TripleAsync(context, path.Steps));
            }
            else
            {
                path = path.Step(await bump) with { Sign = context.NewGuid() };
                bump = context.WaitForExternalEvent<int>("bump");
            }

            context.SetCustomStatus(path);
        }

        if (path.Steps < 40)
        {
            context.ContinueAsNew(path);
        }

        return path;
    }

    private static async Task<int> TripleAsync(IOrchestrationContext context, int number)
    {
        try
        {
            var both = await Task.WhenAll(context.CallActivityAsync<int>("triple", number), context.CallActivityAsync<int>("triple", number + 1));
            return both[0] + both[1];
        }
        catch (ActivityFailedException)
        {
            return -1;
        }
    }

    private sealed record Path(int Steps, long Hash, Guid Sign)
    {
        public Path Step(int value) => this with { Steps = Steps + 1, Hash = (Hash * 31) + value };
    }
}
