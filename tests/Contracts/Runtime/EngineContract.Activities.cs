using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

public abstract partial class EngineContract
{
    [Fact]
    public async Task A_policy_retries_with_growing_waits_up_to_the_longest()
    {
        var start = Now;
        Catalog.AddActivity<int, int>("page", (_, _) =>
        {
            Log.Add($"+{(Now - start).TotalSeconds}");
            throw new TimeoutException("no answer");
        });
        var policy = new RetryPolicy(5, TimeSpan.FromSeconds(1), BackoffCoefficient: 3, MaxInterval: TimeSpan.FromSeconds(10), Jitter: 0);
        await StartAsync(async context => await context.CallActivityAsync<int>("page", 1, policy));

        Assert.Equal(start.AddSeconds(1), Host.NextDue);
        await Host.PassAsync(TimeSpan.FromMinutes(1), Cancel);

        Assert.Equal(["+0", "+1", "+4", "+13", "+23"], Log);
        Assert.Contains("TimeoutException: no answer", await FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_activity_fails_the_instance_whatever_its_code_catches()
    {
        Catalog.AddActivity<int, int>("page", (_, _) => Task.FromResult(0)).AddActivity<int, int>("notify", (_, _) => Task.FromResult(0));
        await StartAsync(async context =>
        {
            try
            {
                return await context.CallActivityAsync<int>("pgae", 1);
            }
            catch (Exception)
            {
                return "caught";
            }
        });

        Assert.Equal("UnknownActivity: There is no activity 'pgae'. Known: notify, page.", await FailureAsync());
    }

    [Fact]
    public async Task The_late_result_of_an_abandoned_call_does_no_harm()
    {
        Catalog.AddActivity<int, string>("slow", (_, _) =>
        {
            Log.Add("try");
            return Log.Count == 1 ? throw new TimeoutException("once") : Task.FromResult("late");
        });
        await StartAsync(async context =>
        {
            var slow = context.CallActivityAsync<string>("slow", 1, new RetryPolicy(5, TimeSpan.FromMinutes(10), Jitter: 0));
            var first = await context.WhenAnyUntil(context.CurrentUtcDateTime.AddMinutes(1), slow);
            await context.WaitForExternalEvent<string>("end");
            return $"{first is null} {slow.IsCompletedSuccessfully}";
        });
        await Host.PassAsync(TimeSpan.FromMinutes(30), Cancel);
        await RaiseAsync("end");

        Assert.Equal("True True", await OutputAsync<string>());
    }

    [Fact]
    public async Task An_activity_that_waits_for_its_retry_is_given_up_when_the_instance_ends()
    {
        Catalog.AddActivity<int, int>("page", (_, _) =>
        {
            Log.Add("try");
            throw new TimeoutException("no answer");
        });
        await StartAsync(async context =>
        {
            _ = context.CallActivityAsync<int>("page", 1, RetryPolicy.UntilItWorks);
            await context.WaitForExternalEvent<string>("end");
            return "ended";
        });
        await RaiseAsync("end");
        await Host.PassAsync(TimeSpan.FromHours(1), Cancel);

        Assert.Equal("ended", await OutputAsync<string>());
        Assert.Single(Log);
    }

    [Fact]
    public async Task Terminating_while_an_activity_runs_ignores_its_result()
    {
        Catalog.AddActivity<int, int>("page", async (number, cancel) =>
        {
            await Host.Client.TerminateAsync("it-1", "meanwhile", cancel);
            return number;
        });
        await StartAsync(async context => await context.CallActivityAsync<int>("page", 1));

        var instance = await GetAsync();
        Assert.Equal((OrchestrationStatus.Terminated, "meanwhile"), (instance.RuntimeStatus, instance.Output?.GetString()));
    }

    [Fact]
    public async Task The_result_of_an_earlier_life_of_the_id_is_ignored()
    {
        Catalog.AddActivity<string, string>("slow", async (text, cancel) =>
        {
            if (text is "first")
            {
                await Host.Client.TerminateAsync("it-1", "meanwhile", cancel);
                await Host.Client.PurgeAsync("it-1", cancel);
                await Host.Client.StartAsync("it", "it-1", "second", cancel);
            }

            return text;
        });
        await StartAsync(async context => await context.CallActivityAsync<string>("slow", context.GetInput<string>()), "first");

        Assert.Equal("second", await OutputAsync<string>());
    }
}
