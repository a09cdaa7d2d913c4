using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

public abstract partial class EngineContract
{
    [Theory]
    [InlineData(true, "1 2 3 4 5")]
    [InlineData(false, "1 4 5")]
    public async Task Events_nobody_took_go_to_the_next_generation_in_order_when_asked(bool preserve, string expected)
    {
        await StartAsync(async context =>
        {
            var seen = context.GetInput<int[]>()!;
            if (seen.Length == 0)
            {
                await context.WaitForExternalEvent<string>("start");
            }

            seen = [.. seen, await context.WaitForExternalEvent<int>("number")];
            if (seen[^1] == 5)
            {
                return string.Join(' ', seen);
            }

            context.ContinueAsNew(seen, preserve);
            return null;
        }, Array.Empty<int>());
        await RaiseAsync("number", 1);
        await RaiseAsync("number", 2);
        await Host.Client.RaiseEventAsync("it-1", "start", null, Cancel);
        await RaiseAsync("number", 3);
        await RaiseAsync("number", 4);
        await RaiseAsync("number", 5);

        Assert.Equal(expected, await OutputAsync<string>());
    }

    [Fact]
    public async Task Timers_and_activities_of_the_old_generation_are_gone()
    {
        Catalog.AddActivity<int, int>("page", (_, _) => throw new TimeoutException("no answer"));
        await StartAsync(async context =>
        {
            if (context.GetInput<int>() == 1)
            {
                _ = context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(1));
                _ = context.CallActivityAsync<int>("page", 1, RetryPolicy.UntilItWorks);
                await context.WaitForExternalEvent<string>("on");
                context.ContinueAsNew(2);
                return null;
            }

            await context.WaitForExternalEvent<string>("end");
            return "ended";
        }, 1);
        Assert.NotNull(Host.NextDue);

        await RaiseAsync("on");
        Assert.Null(Host.NextDue);
        await RaiseAsync("end");
        Assert.Equal("ended", await OutputAsync<string>());
    }

    [Fact]
    public async Task A_timer_that_fired_for_the_old_generation_is_ignored_by_the_new()
    {
        await StartAsync(async context =>
        {
            var due = context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(context.GetInput<int>()));
            if (context.GetInput<int>() == 10)
            {
                await context.WaitForExternalEvent<string>("on");
                context.ContinueAsNew(30);
                return null;
            }

            await due;
            return context.CurrentUtcDateTime;
        }, 10);
        var start = Now;
        await Host.Client.RaiseEventAsync("it-1", "on", null, Cancel);
        Host.Clock.Advance(TimeSpan.FromMinutes(10));
        await Host.PassAsync(TimeSpan.FromHours(1), Cancel);

        Assert.Equal(start.AddMinutes(40), await OutputAsync<DateTimeOffset>());
    }

    [Fact]
    public async Task A_fault_after_continue_as_new_is_a_fault()
    {
        await StartAsync(context =>
        {
            context.ContinueAsNew(1);
            throw new InvalidOperationException("after all");
        });

        Assert.Equal("InvalidOperationException: after all", await FailureAsync());
    }

    [Fact]
    public async Task Awaiting_something_foreign_fails_the_instance()
    {
        var never = new TaskCompletionSource();
        await StartAsync(async _ =>
        {
            await never.Task;
            return null;
        });

        Assert.StartsWith("ForeignAwait: ", await FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaving_the_scheduler_fails_the_instance()
    {
        AddLoggingActivity();
        await StartAsync(async context =>
        {
            await context.CallActivityAsync<int>("note", "first").ConfigureAwait(false);
            return await context.CallActivityAsync<int>("note", "second");
        });

        Assert.StartsWith("ForeignAwait: ", await FailureAsync(), StringComparison.Ordinal);
        Assert.Equal(["first"], Log);
    }

    [Fact]
    public async Task A_foreign_continuation_between_turns_fails_the_instance()
    {
        var foreign = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await StartAsync(async context =>
        {
            await Task.WhenAny(context.WaitForExternalEvent<string>("never"), foreign.Task);
            return "went on";
        });
        Assert.True((await GetAsync()).IsRunning);

        foreign.SetResult();
        while ((await GetAsync()).IsRunning)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel);
            await Host.DrainAsync(Cancel);
        }

        Assert.StartsWith("ForeignAwait: ", await FailureAsync(), StringComparison.Ordinal);
    }
}
