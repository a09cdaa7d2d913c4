using System.Text.Json;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

public abstract partial class EngineContract
{
    [Theory]
    [InlineData(0.25)]
    [InlineData(300)]
    [InlineData(60 * 86_400)]
    public async Task A_timer_fires_at_its_time_and_not_before(double seconds)
    {
        var due = TimeSpan.FromSeconds(seconds);
        await StartAsync(async context =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime + due).ConfigureAwait(true);
            return context.CurrentUtcDateTime;
        });
        var started = Now;

        Assert.Equal(started + due, Host.NextDue);
        Host.Clock.AdvanceTo(started + due - TimeSpan.FromTicks(1));
        Assert.Equal(0, await Host.DrainAsync(Cancel));
        Host.Clock.AdvanceTo(started + due);
        await Host.DrainAsync(Cancel);

        Assert.Equal(started + due, await OutputAsync<DateTimeOffset>());
    }

    [Fact]
    public async Task A_timer_in_the_past_completes_at_once()
    {
        await StartAsync(async context =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime.AddDays(-1));
            return context.CurrentUtcDateTime;
        });

        Assert.Equal(Now, await OutputAsync<DateTimeOffset>());
    }

    [Fact]
    public async Task A_late_timer_completes_with_the_time_it_is()
    {
        await StartAsync(async context =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(5));
            return context.CurrentUtcDateTime;
        });
        Host.Clock.Advance(TimeSpan.FromHours(2));
        await Host.DrainAsync(Cancel);

        Assert.Equal(Now, await OutputAsync<DateTimeOffset>());
    }

    [Fact]
    public async Task Timers_fire_in_the_order_of_their_times_also_when_late()
    {
        await StartAsync(async context =>
        {
            var order = new List<int>();
            var now = context.CurrentUtcDateTime;
            await Task.WhenAll(Sleep(30), Sleep(10), Sleep(20));
            return order;

            async Task Sleep(int minutes)
            {
                await context.CreateTimer(now.AddMinutes(minutes));
                order.Add(minutes);
            }
        });
        Host.Clock.Advance(TimeSpan.FromHours(2));
        await Host.DrainAsync(Cancel);

        Assert.Equal([10, 20, 30], await OutputAsync<List<int>>());
    }

    [Fact]
    public async Task A_cancelled_timer_is_removed()
    {
        await StartAsync(async context =>
        {
            using var cancel = new CancellationTokenSource();
            var timer = context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(5), cancel.Token);
            await context.WaitForExternalEvent<string>("cancel").ConfigureAwait(true);
            cancel.Cancel();
            var again = context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(5), cancel.Token);
            await context.WaitForExternalEvent<string>("end").ConfigureAwait(true);
            return (bool[])[timer.IsCanceled, again.IsCanceled];
        });
        Assert.NotNull(Host.NextDue);

        await RaiseAsync("cancel");
        Assert.Null(Host.NextDue);
        await RaiseAsync("end");
        Assert.Equal([true, true], await OutputAsync<List<bool>>());
    }

    [Fact]
    public async Task A_timer_that_fires_beside_the_event_that_cancels_it_does_no_harm()
    {
        await StartAsync(async context =>
        {
            var winner = await context.WhenAnyUntil(context.CurrentUtcDateTime.AddMinutes(5), context.WaitForExternalEvent<string>("ack"));
            await context.WaitForExternalEvent<string>("end");
            return winner is null ? "timer" : "ack";
        });
        await Host.Client.RaiseEventAsync("it-1", "ack", null, Cancel);
        Host.Clock.Advance(TimeSpan.FromMinutes(5));
        await RaiseAsync("end");

        Assert.Matches("^(ack|timer)$", await OutputAsync<string>());
    }

    [Fact]
    public async Task An_abandoned_waiter_takes_the_next_event_and_a_cancelled_one_does_not()
    {
        await StartAsync(async context =>
        {
            using var cancel = new CancellationTokenSource();
            var cancelled = context.WaitForExternalEvent<string>("e", cancel.Token);
            cancel.Cancel();
            _ = context.WaitForExternalEvent<string>("e");
            return $"{cancelled.IsCanceled} {await context.WaitForExternalEvent<string>("e")}";
        });
        await RaiseAsync("e", "first");
        await RaiseAsync("e", "second");

        Assert.Equal("True second", await OutputAsync<string>());
    }

    [Fact]
    public async Task Events_of_concurrent_raisers_arrive_once_and_in_the_order_of_each()
    {
        await StartAsync(async context =>
        {
            var taken = new List<int[]>();
            while (taken.Count < 100)
            {
                taken.Add(await context.WaitForExternalEvent<int[]>("e"));
            }

            return taken;
        });
        var client = Host.Client;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(raiser => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                await client.RaiseEventAsync("it-1", "e", new[] { raiser, i }, Cancel);
            }
        })));
        await Host.DrainAsync(Cancel);

        var taken = await OutputAsync<int[][]>();
        Assert.All(Enumerable.Range(0, 4), raiser =>
            Assert.Equal(Enumerable.Range(0, 25), taken.Where(e => e[0] == raiser).Select(e => e[1])));
    }

    /// <summary>The ladder: page, wait for one kept waiter or the time, page the next.</summary>
    [Theory]
    [InlineData(null, "page primary +0, page secondary +5, page manager +15, page director +30", "nobody")]
    [InlineData(3, "page primary +0", "ada")]
    [InlineData(14, "page primary +0, page secondary +5", "ada")]
    [InlineData(29, "page primary +0, page secondary +5, page manager +15", "ada")]
    public async Task A_kept_waiter_serves_a_loop(int? acknowledgedAfter, string pages, string acknowledgedBy)
    {
        var start = Now;
        Catalog.AddActivity<string, int>("page", (whom, _) =>
        {
            Log.Add($"page {whom} +{(Now - start).TotalMinutes}");
            return Task.FromResult(0);
        });
        await StartAsync(async context =>
        {
            var acknowledged = context.WaitForExternalEvent<string>("acknowledged");
            foreach (var (whom, minutes) in ((string, int)[])[("primary", 5), ("secondary", 10), ("manager", 15), ("director", 15)])
            {
                await context.CallActivityAsync<int>("page", whom).ConfigureAwait(true);
                var winner = await context.WhenAnyUntil(context.CurrentUtcDateTime.AddMinutes(minutes), acknowledged).ConfigureAwait(true);
                if (winner is not null)
                {
                    return await acknowledged.ConfigureAwait(true);
                }
            }

            return "nobody";
        });
        if (acknowledgedAfter is { } minutes)
        {
            await Host.PassAsync(TimeSpan.FromMinutes(minutes), Cancel);
            await RaiseAsync("acknowledged", "ada");
            Assert.Null(Host.NextDue);
        }

        await Host.PassAsync(TimeSpan.FromDays(1), Cancel);
        Assert.Equal(pages, string.Join(", ", Log));
        Assert.Equal(acknowledgedBy, await OutputAsync<string>());
    }
}
