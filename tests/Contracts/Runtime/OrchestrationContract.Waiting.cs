using System.Text.Json;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

public abstract partial class OrchestrationContract
{
    [Fact]
    public async Task A_timer_fires_not_before_its_time()
    {
        var unit = Host.Unit;
        await BeginAsync(async context =>
        {
            var start = context.CurrentUtcDateTime;
            await context.CreateTimer(start + unit).ConfigureAwait(true);
            return (context.CurrentUtcDateTime - start).Ticks;
        });

        Assert.InRange(await EventualOutputAsync<long>(), unit.Ticks, (unit * 60).Ticks);
    }

    [Fact]
    public async Task A_timer_in_the_past_completes()
    {
        await BeginAsync(async context =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime.AddDays(-1));
            return "completed";
        });

        Assert.Equal("completed", await EventualOutputAsync<string>());
    }

    [Fact]
    public async Task Timers_fire_in_the_order_of_their_times()
    {
        var unit = Host.Unit;
        await BeginAsync(async context =>
        {
            var order = new List<int>();
            var now = context.CurrentUtcDateTime;
            await Task.WhenAll(SleepAsync(3), SleepAsync(1), SleepAsync(2));
            return order;

            async Task SleepAsync(int units)
            {
                await context.CreateTimer(now + (unit * units));
                order.Add(units);
            }
        });

        Assert.Equal([1, 2, 3], await EventualOutputAsync<List<int>>());
    }

    [Fact]
    public async Task A_timer_that_lost_its_race_can_be_cancelled()
    {
        var unit = Host.Unit;
        await BeginAsync(async context =>
        {
            using var cancel = new CancellationTokenSource();
            var timer = context.CreateTimer(context.CurrentUtcDateTime + (unit * 60), cancel.Token);
            await context.WaitForExternalEvent<string>("cancel").ConfigureAwait(true);
            cancel.Cancel();
            return timer.IsCanceled;
        });
        await TellAsync("cancel");

        Assert.True(await EventualOutputAsync<bool>());
    }

    [Fact]
    public async Task Events_that_come_early_are_kept_in_order_and_names_have_no_case()
    {
        var unit = Host.Unit;
        await BeginAsync(async context =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime + unit);
            return (string[])
            [
                await context.WaitForExternalEvent<string>("b"),
                await context.WaitForExternalEvent<string>("A"),
                await context.WaitForExternalEvent<string>("a"),
            ];
        });
        await TellAsync("a", "first a");
        await TellAsync("a", "second a");
        await TellAsync("B", "only b");

        Assert.Equal(["only b", "first a", "second a"], await EventualOutputAsync<List<string>>());
    }

    [Fact]
    public async Task Events_to_unknown_and_ended_instances_are_dropped()
    {
        Catalog.AddOrchestrator("it", async context => await context.WaitForExternalEvent<string>("go"));
        await TellAsync("go", "before the start");
        Assert.True(await Host.Client.StartAsync("it", "it-1", null, Cancel));
        await TellAsync("go", "now");
        Assert.Equal("now", await EventualOutputAsync<string>());

        await TellAsync("go", "after the end");
        Assert.Equal("now", await EventualOutputAsync<string>());
    }

    [Fact]
    public async Task An_event_without_payload_and_one_with_a_record_arrive()
    {
        await BeginAsync(async context =>
        {
            var nothing = await context.WaitForExternalEvent<string?>("nothing");
            var query = await context.WaitForExternalEvent<OrchestrationQuery>("record");
            return $"{nothing ?? "null"} {query.Name} {query.Take}";
        });
        await TellAsync("nothing");
        await TellAsync("record", new OrchestrationQuery("n", Take: 3));

        Assert.Equal("null n 3", await EventualOutputAsync<string>());
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_faults_its_waiter()
    {
        await BeginAsync(async context =>
        {
            try
            {
                return await context.WaitForExternalEvent<int>("number");
            }
            catch (JsonException)
            {
                return "no number";
            }
        });
        await TellAsync("number", "seven");

        Assert.Equal("no number", await EventualOutputAsync<string>());
    }

    [Fact]
    public async Task Events_of_concurrent_raisers_arrive_once_each()
    {
        await BeginAsync(async context =>
        {
            var taken = new List<int>();
            while (taken.Count < 40)
            {
                taken.Add(await context.WaitForExternalEvent<int>("e"));
            }

            return taken;
        });
        var client = Host.Client;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => client.RaiseEventAsync("it-1", "e", i, Cancel))));

        Assert.Equal(Enumerable.Range(0, 40), (await EventualOutputAsync<List<int>>()).Order());
    }

    /// <summary>The ladder: page, wait for one kept waiter or the time, page the next.</summary>
    [Theory]
    [InlineData(false, "page primary, page secondary, page manager", "nobody")]
    [InlineData(true, "page primary, page secondary", "ada")]
    public async Task A_ladder_pages_until_somebody_acknowledges(bool isAcknowledged, string pages, string acknowledgedBy)
    {
        Catalog.AddActivity<string, int>("page", (whom, _) => Task.FromResult(Note($"page {whom}")));

        // The second waits long enough for the acknowledgement, however slow the machine.
        TimeSpan[] waits = [Host.Unit, isAcknowledged ? Host.Unit * 60 : Host.Unit, Host.Unit];
        await BeginAsync(async context =>
        {
            var acknowledged = context.WaitForExternalEvent<string>("acknowledged");
            foreach (var (whom, wait) in ((string[])["primary", "secondary", "manager"]).Zip(waits))
            {
                await context.CallActivityAsync<int>("page", whom).ConfigureAwait(true);
                var winner = await context.WhenAnyUntil(context.CurrentUtcDateTime + wait, acknowledged).ConfigureAwait(true);
                if (winner is not null)
                {
                    return await acknowledged.ConfigureAwait(true);
                }
            }

            return "nobody";
        });
        if (isAcknowledged)
        {
            await UntilAsync("two were paged", () => Task.FromResult(Paged() == 2));
            await TellAsync("acknowledged", "ada");
        }

        Assert.Equal(acknowledgedBy, await EventualOutputAsync<string>());
        Assert.Equal(pages, string.Join(", ", Log));

        int Paged()
        {
            lock (Log)
            {
                return Log.Count;
            }
        }
    }
}
