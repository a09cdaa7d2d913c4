using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Xunit;

namespace Pipeline.Standalone.Tests.Orchestration;

/// <summary>The engine as a service, working by itself.</summary>
public sealed class BackgroundTests : EngineTest
{
    [Fact]
    public async Task Turns_timers_and_activities_run_without_being_asked()
    {
        var catalog = new OrchestrationCatalog().AddActivity<int, int>("double", (number, _) => Task.FromResult(number * 2));
        catalog.AddOrchestrator("it", async context =>
        {
            var number = await context.WaitForExternalEvent<int>("number");
            await context.CreateTimer(context.CurrentUtcDateTime.AddDays(60));
            return await context.CallActivityAsync<int>("double", number);
        });
        var host = Open(catalog);
        using var stop = new CancellationTokenSource();
        var running = host.Engine.RunAsync(stop.Token);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.Client.RaiseEventAsync("it-1", "number", 21, Cancel);
        await UntilAsync(() => Task.FromResult(host.NextDue is not null));
        await UntilAsync(async () =>
        {
            host.Clock.Advance(TimeSpan.FromDays(1));
            return !(await host.Client.GetAsync("it-1", Cancel))!.IsRunning;
        });

        Assert.Equal(42, OutputOf<int>(await host.Client.GetAsync("it-1", Cancel)));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_the_last_run_left_is_done_at_the_start()
    {
        var catalog = new OrchestrationCatalog().AddOrchestrator("it", async context => await context.WaitForExternalEvent<string>("end"));
        var host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.Client.RaiseEventAsync("it-1", "end", "done", Cancel);
        await host.RestartAsync();
        using var stop = new CancellationTokenSource();
        var running = host.Engine.RunAsync(stop.Token);
        await UntilAsync(async () => !(await host.Client.GetAsync("it-1", Cancel))!.IsRunning);

        Assert.Equal("done", OutputOf<string>(await host.Client.GetAsync("it-1", Cancel)));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Many_instances_under_concurrent_events_lose_and_double_nothing()
    {
        const int Instances = 20;
        const int Events = 50;
        var catalog = new OrchestrationCatalog().AddActivity<int, int>("add", (number, _) => Task.FromResult(number + 1));
        catalog.AddOrchestrator("it", async context =>
        {
            var sum = context.GetInput<int>();
            for (var i = 0; i < 10; i++)
            {
                sum = await context.CallActivityAsync<int>("add", sum + await context.WaitForExternalEvent<int>("e"));
            }

            if (sum < Events * 2)
            {
                context.ContinueAsNew(sum);
            }

            return sum;
        });
        var host = Open(catalog, new OrchestrationEngineOptions { CachedInstances = Instances / 2, ConcurrentTurns = 4 });
        using var stop = new CancellationTokenSource();
        var running = host.Engine.RunAsync(stop.Token);
        await Task.WhenAll(Enumerable.Range(0, Instances).Select(i => host.Client.StartAsync("it", $"it-{i}", 0, Cancel)));
        await Task.WhenAll(Enumerable.Range(0, Instances * Events).Select(i => Task.Run(() =>
            host.Client.RaiseEventAsync($"it-{i % Instances}", "e", 1, Cancel))));
        await UntilAsync(async () =>
            (await host.Client.ListAsync(new OrchestrationQuery(RuntimeStatus: OrchestrationStatus.Completed), Cancel)).Items.Count == Instances);

        var page = await host.Client.ListAsync(new OrchestrationQuery(), Cancel);
        Assert.All(page.Items, item => Assert.Equal(Events * 2, OutputOf<int>(item)));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Activities_run_beside_each_other_up_to_their_bound()
    {
        using var gate = new SemaphoreSlim(0);
        var inside = 0;
        var most = 0;
        var catalog = new OrchestrationCatalog().AddActivity<int, int>("slow", async (number, cancel) =>
        {
            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            await gate.WaitAsync(cancel);
            Interlocked.Decrement(ref inside);
            return number;
        });
        catalog.AddOrchestrator("it", async context =>
            (await Task.WhenAll(Enumerable.Range(0, 10).Select(i => context.CallActivityAsync<int>("slow", i)))).Sum());
        var host = Open(catalog, new OrchestrationEngineOptions { ConcurrentActivities = 3 });
        using var stop = new CancellationTokenSource();
        var running = host.Engine.RunAsync(stop.Token);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await UntilAsync(() => Task.FromResult(Volatile.Read(ref inside) == 3));
        gate.Release(10);
        await UntilAsync(async () => !(await host.Client.GetAsync("it-1", Cancel))!.IsRunning);

        Assert.Equal(45, OutputOf<int>(await host.Client.GetAsync("it-1", Cancel)));
        Assert.Equal(3, most);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_stop_waits_for_the_activity_in_hand()
    {
        var begun = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var runs = 0;
        var catalog = new OrchestrationCatalog().AddActivity<int, int>("page", async (number, _) =>
        {
            runs++;
            begun.SetResult();
            await release.Task;
            return number;
        });
        catalog.AddOrchestrator("it", async context => await context.CallActivityAsync<int>("page", 7));
        var host = Open(catalog);
        using var stop = new CancellationTokenSource();
        var running = host.Engine.RunAsync(stop.Token);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await begun.Task;
        await stop.CancelAsync();
        Assert.False(running.IsCompleted);
        release.SetResult();
        await running;

        await host.RestartAsync();
        await host.DrainAsync(Cancel);
        Assert.Equal((7, 1), (OutputOf<int>(await host.Client.GetAsync("it-1", Cancel)), runs));
    }

    [Fact]
    public async Task An_activity_that_outlives_the_grace_is_cancelled_and_runs_again_at_the_next_start()
    {
        var begun = new TaskCompletionSource();
        var runs = 0;
        var catalog = new OrchestrationCatalog().AddActivity<int, int>("page", async (number, cancel) =>
        {
            if (++runs == 1)
            {
                begun.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            }

            return number;
        });
        catalog.AddOrchestrator("it", async context => await context.CallActivityAsync<int>("page", 7));
        var host = Open(catalog);
        using var stop = new CancellationTokenSource();
        var running = host.Engine.RunAsync(stop.Token);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await begun.Task;
        await stop.CancelAsync();
        await UntilAsync(() =>
        {
            host.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(running.IsCompleted);
        });
        await running;

        await host.RestartAsync();
        await host.DrainAsync(Cancel);
        Assert.Equal((7, 2), (OutputOf<int>(await host.Client.GetAsync("it-1", Cancel)), runs));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
            // Another thread was faster; look again.
        }
    }
}
