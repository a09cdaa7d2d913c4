using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Standalone.Tests.Orchestration;

/// <summary>The process may end at any point; the story goes on as if it hadn't.</summary>
public sealed class RestartTests : EngineTest
{
    [Fact]
    public async Task A_restart_after_any_step_changes_nothing()
    {
        var (expected, steps) = await PlayAsync(_ => false);
        Assert.Equal(
            "page primary +0, page primary +0.5, page secondary +5.5, escalated +5.5, page primary +20.5, page primary +21, acknowledged by ada +22.5",
            expected);

        for (var crash = 1; crash <= steps; crash++)
        {
            Assert.Equal((expected, steps), await PlayAsync(step => step == crash));
        }

        Assert.Equal((expected, steps), await PlayAsync(_ => true));
    }

    [Fact]
    public async Task New_guids_are_the_same_after_a_restart()
    {
        var catalog = new OrchestrationCatalog().AddOrchestrator("it", async context =>
        {
            var before = context.NewGuid();
            context.SetCustomStatus(before);
            await context.WaitForExternalEvent<string>("end");
            return (Guid[])[before, context.NewGuid()];
        });
        var host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.DrainAsync(Cancel);
        var before = (await host.Client.GetAsync("it-1", Cancel))!.CustomStatus!.Value.GetGuid();
        await host.RestartAsync();
        await host.Client.RaiseEventAsync("it-1", "end", null, Cancel);
        await host.DrainAsync(Cancel);

        var guids = OutputOf<List<Guid>>(await host.Client.GetAsync("it-1", Cancel));
        Assert.Equal(before, guids[0]);
        Assert.NotEqual(before, guids[1]);
    }

    [Fact]
    public async Task Replay_is_known_to_the_code()
    {
        var seen = new List<string>();
        var catalog = new OrchestrationCatalog().AddOrchestrator("it", async context =>
        {
            seen.Add($"start {context.IsReplaying} {context.CurrentUtcDateTime:HH:mm}");
            await context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(1));
            seen.Add($"end {context.IsReplaying} {context.CurrentUtcDateTime:HH:mm}");
            return null;
        });
        var host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.DrainAsync(Cancel);
        await host.RestartAsync();
        await host.PassAsync(TimeSpan.FromMinutes(1), Cancel);

        Assert.Equal(["start False 09:00", "start True 09:00", "end False 09:01"], seen);
    }

    [Fact]
    public async Task A_crash_between_an_activity_and_its_commit_runs_it_again_and_takes_its_result_once()
    {
        EngineHarness? host = null;
        var runs = 0;
        var catalog = new OrchestrationCatalog();
        catalog.AddActivity<int, int>("page", async (_, _) =>
        {
            if (++runs == 1)
            {
                await host!.RestartAsync();
            }

            return runs;
        });
        catalog.AddOrchestrator("it", async context =>
            (int[])[await context.CallActivityAsync<int>("page"), await context.CallActivityAsync<int>("page")]);
        host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.DrainAsync(Cancel));
        await host.DrainAsync(Cancel);

        Assert.Equal([2, 3], OutputOf<List<int>>(await host.Client.GetAsync("it-1", Cancel)));
    }

    [Fact]
    public async Task A_turn_that_could_not_be_committed_is_taken_again()
    {
        EngineHarness? host = null;
        Task? restart = null;
        var catalog = new OrchestrationCatalog().AddActivity<int, int>("page", (number, _) => Task.FromResult(number));
        catalog.AddOrchestrator("it", async context =>
        {
            // Blocks the turn, as a failing disk would, until its store is gone.
            restart ??= Task.Run(() => host!.RestartAsync());
#pragma warning disable xUnit1031
            restart.Wait();
#pragma warning restore xUnit1031
            return await context.CallActivityAsync<int>("page", 7);
        });
        host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.DrainAsync(Cancel));
        Assert.Equal(OrchestrationStatus.Pending, (await host.Client.GetAsync("it-1", Cancel))!.RuntimeStatus);

        await host.DrainAsync(Cancel);
        Assert.Equal(7, OutputOf<int>(await host.Client.GetAsync("it-1", Cancel)));
    }

    [Fact]
    public async Task Timers_due_while_the_process_was_down_fire_at_the_start()
    {
        var catalog = new OrchestrationCatalog().AddOrchestrator("it", async context =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime.AddDays(60));
            return context.CurrentUtcDateTime;
        });
        var host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.DrainAsync(Cancel);
        host.Clock.Advance(TimeSpan.FromDays(61));
        await host.RestartAsync();
        await host.DrainAsync(Cancel);

        Assert.Equal(host.Clock.GetUtcNow(), OutputOf<DateTimeOffset>(await host.Client.GetAsync("it-1", Cancel)));
    }

    /// <summary>Two rounds of a ladder whose first page always needs a second try; the acknowledgement comes in the second round.</summary>
    private async Task<(string Told, int Steps)> PlayAsync(Func<int, bool> restartAfter)
    {
        var told = new List<string>();
        EngineHarness? host = null;
        var catalog = new OrchestrationCatalog();
        var start = DateTimeOffset.MinValue;
        catalog.AddActivity<string, int>("tell", (text, _) =>
        {
            var line = $"{text} +{(host!.Clock.GetUtcNow() - start).TotalMinutes}";
            told.Add(line);
            return text is "page primary" && told.Count(other => other.StartsWith(text, StringComparison.Ordinal)) % 2 == 1
                ? throw new TimeoutException("no answer")
                : Task.FromResult(0);
        });
        catalog.AddOrchestrator("escalation", EscalateAsync);
        host = Open(catalog);
        start = host.Clock.GetUtcNow();
        var steps = 0;

        await host.Client.StartAsync("escalation", "escalation-INC-7", 1, Cancel);
        await PassAsync(TimeSpan.FromMinutes(22.5));
        await host.Client.RaiseEventAsync("escalation-INC-7", "acknowledged", "ada", Cancel);
        await PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(2, OutputOf<int>(await host.Client.GetAsync("escalation-INC-7", Cancel)));
        return (string.Join(", ", told), steps);

        async Task PassAsync(TimeSpan time)
        {
            var until = host.Clock.GetUtcNow() + time;
            await StepAsync();
            while (host.NextDue is { } due && due <= until)
            {
                host.Clock.AdvanceTo(due);
                await StepAsync();
            }

            host.Clock.AdvanceTo(until);
        }

        async Task StepAsync()
        {
            while (await host.Engine.StepAsync(Cancel))
            {
                if (restartAfter(++steps))
                {
                    await host.RestartAsync();
                }
            }
        }
    }

    private static async Task<object?> EscalateAsync(IOrchestrationContext context)
    {
        var round = context.GetInput<int>();
        var acknowledged = context.WaitForExternalEvent<string>("acknowledged");
        var retry = new RetryPolicy(2, TimeSpan.FromSeconds(30), Jitter: 0);
        foreach (var (whom, minutes) in ((string, int)[])[("page primary", 5), ("page secondary", 0)])
        {
            await context.CallActivityAsync<int>("tell", whom, retry);
            if (await context.WhenAnyUntil(context.CurrentUtcDateTime.AddMinutes(minutes), acknowledged) is not null)
            {
                await context.CallActivityAsync<int>("tell", $"acknowledged by {await acknowledged}");
                return round;
            }
        }

        await context.CallActivityAsync<int>("tell", "escalated");
        await context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(15));
        if (!acknowledged.IsCompleted)
        {
            context.ContinueAsNew(round + 1);
        }

        return round;
    }
}
