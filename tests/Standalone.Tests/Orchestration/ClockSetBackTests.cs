using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Standalone.Tests.Orchestration;

/// <summary>Somebody sets the wall clock back: nothing owed comes later for it.</summary>
public sealed class ClockSetBackTests : EngineTest
{
    private static readonly RetryPolicy Retry = new(MaxAttempts: 3, FirstInterval: TimeSpan.FromSeconds(30));

    [Fact]
    public async Task R6_A_clock_set_back_while_the_engine_runs_delays_neither_timer_nor_retry()
    {
        var attempts = 0;
        var host = Open(Paging(() => ++attempts > 1));
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.DrainAsync(Cancel);
        host.Clock.SetWallClock(TimeSpan.FromHours(-1));

        host.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await host.DrainAsync(Cancel);
        Assert.Equal(0, attempts);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await host.DrainAsync(Cancel);
        Assert.Equal(1, attempts);

        host.Clock.SetWallClock(TimeSpan.FromHours(-1));
        host.Clock.Advance(Retry.FirstInterval);
        await host.DrainAsync(Cancel);
        Assert.Equal("paged", OutputOf<string>(await host.Client.GetAsync("it-1", Cancel)));
    }

    [Fact]
    public async Task R6_A_clock_set_forward_is_followed()
    {
        var host = Open(Paging(() => true));
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.DrainAsync(Cancel);

        host.Clock.SetWallClock(TimeSpan.FromMinutes(5));
        await host.DrainAsync(Cancel);

        Assert.Equal("paged", OutputOf<string>(await host.Client.GetAsync("it-1", Cancel)));
    }

    [Fact]
    public async Task R6_A_first_attempt_is_made_at_once_though_the_clock_was_set_back_over_a_restart()
    {
        var catalog = new OrchestrationCatalog().AddActivity<int, string>("page", (_, _) => Task.FromResult("paged"));
        catalog.AddOrchestrator("it", async context => await context.CallActivityAsync<string>("page", 1));
        var host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.Engine.StepAsync(Cancel);
        Assert.Equal(1, host.Count("orchestration_activities"));

        host.Clock.SetWallClock(TimeSpan.FromHours(-1));
        await host.RestartAsync();
        await host.DrainAsync(Cancel);

        Assert.Equal("paged", OutputOf<string>(await host.Client.GetAsync("it-1", Cancel)));
    }

    [Fact]
    public async Task R6_After_a_restart_with_a_clock_that_is_hours_behind_a_retry_waits_no_longer_than_its_policy_says()
    {
        var attempts = 0;
        var catalog = new OrchestrationCatalog().AddActivity<int, string>(
            "page", (_, _) => ++attempts > 1 ? Task.FromResult("paged") : throw new TimeoutException("the store is away"));
        catalog.AddOrchestrator("it", async context => await context.CallActivityAsync<string>("page", 1, Retry));
        var host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.DrainAsync(Cancel);
        Assert.Equal(1, attempts);

        host.Clock.SetWallClock(TimeSpan.FromHours(-6));
        await host.RestartAsync();
        using var stop = new CancellationTokenSource();
        var running = host.Engine.RunAsync(stop.Token);
        await UntilAsync(() => Task.FromResult(host.NextDue <= host.Clock.GetUtcNow() + Retry.FirstInterval));

        host.Clock.Advance(Retry.FirstInterval);
        await UntilAsync(async () => !(await host.Client.GetAsync("it-1", Cancel))!.IsRunning);
        Assert.Equal("paged", OutputOf<string>(await host.Client.GetAsync("it-1", Cancel)));
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Waits five minutes, then pages until it works.</summary>
    private static OrchestrationCatalog Paging(Func<bool> works)
    {
        var catalog = new OrchestrationCatalog().AddActivity<int, string>(
            "page", (_, _) => works() ? Task.FromResult("paged") : throw new TimeoutException("the far end is away"));
        return catalog.AddOrchestrator("it", async context =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(5));
            return await context.CallActivityAsync<string>("page", 1, Retry);
        });
    }
}
