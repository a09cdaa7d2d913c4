using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Xunit;

namespace Pipeline.Standalone.Tests.Orchestration;

/// <summary>Many instances, and instances that live long.</summary>
public sealed class LongLifeTests : EngineTest
{
    [Fact]
    public async Task A_thousand_generations_apply_every_event_once_in_order_and_keep_no_history()
    {
        const int Last = 1000;
        var random = new Random(1);
        var catalog = new OrchestrationCatalog().AddOrchestrator("count", async context =>
        {
            var expected = context.GetInput<int>();
            var next = await context.WaitForExternalEvent<int>("next");
            if (next != expected)
            {
                throw new InvalidOperationException($"{next} came, {expected} was due.");
            }

            if (next < Last)
            {
                context.ContinueAsNew(expected + 1);
            }

            return next;
        });
        var host = Open(catalog);
        await host.Client.StartAsync("count", "count-1", 1, Cancel);
        for (var number = 1; number <= Last; number++)
        {
            await host.Client.RaiseEventAsync("count-1", "next", number, Cancel);
            for (var steps = random.Next(3); steps > 0; steps--)
            {
                await host.Engine.StepAsync(Cancel);
            }

            Assert.InRange(host.Count("orchestration_history"), 0, 1);
        }

        await host.DrainAsync(Cancel);
        Assert.Equal(Last, OutputOf<int>(await host.Client.GetAsync("count-1", Cancel)));
        Assert.Equal((0, 0, 0), (host.Count("orchestration_inbox"), host.Count("orchestration_timers"), host.Count("orchestration_activities")));
    }

    [Fact]
    public async Task More_events_than_a_turn_takes_are_all_taken()
    {
        var catalog = new OrchestrationCatalog().AddOrchestrator("it", async context =>
        {
            var sum = 0;
            for (var i = 0; i < 600; i++)
            {
                sum += await context.WaitForExternalEvent<int>("e");
            }

            return sum;
        });
        var host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => host.Client.RaiseEventAsync("it-1", "e", 1, Cancel)));
        await host.DrainAsync(Cancel);

        Assert.Equal(600, OutputOf<int>(await host.Client.GetAsync("it-1", Cancel)));
        Assert.Equal(3, host.Count("orchestration_history"));
    }

    [Fact]
    public async Task Two_thousand_instances_wait_with_few_of_them_in_memory()
    {
        const int Many = 2000;
        var catalog = new OrchestrationCatalog().AddOrchestrator("it", async context =>
        {
            var acknowledged = context.WaitForExternalEvent<string>("acknowledged");
            return await context.WhenAnyUntil(context.CurrentUtcDateTime.AddMinutes(5), acknowledged) is null ? "time" : await acknowledged;
        });
        var host = Open(catalog, new OrchestrationEngineOptions { CachedInstances = 100 });
        await Task.WhenAll(Enumerable.Range(0, Many).Select(i => host.Client.StartAsync("it", $"it-{i}", null, Cancel)));
        await host.DrainAsync(Cancel);
        Assert.Equal(Many, host.Count("orchestration_timers"));

        await Task.WhenAll(Enumerable.Range(0, Many / 2).Select(i => host.Client.RaiseEventAsync($"it-{i}", "acknowledged", "ada", Cancel)));
        await host.PassAsync(TimeSpan.FromMinutes(5), Cancel);

        Assert.Equal((Many / 2, Many / 2), (await CountAsync("\"ada\""), await CountAsync("\"time\"")));
        Assert.Equal((0, 0), (host.Count("orchestration_timers"), host.Count("orchestration_inbox")));

        async Task<int> CountAsync(string output)
        {
            var count = 0;
            for (string? cursor = ""; cursor is not null;)
            {
                var page = await host.Client.ListAsync(new OrchestrationQuery(Cursor: cursor, Take: 1000), Cancel);
                count += page.Items.Count(item => string.Equals(item.Output?.GetRawText(), output, StringComparison.Ordinal));
                cursor = page.NextCursor;
            }

            return count;
        }
    }

    [Fact]
    public async Task Purge_leaves_no_row()
    {
        var catalog = new OrchestrationCatalog().AddOrchestrator("it", async context => await context.WaitForExternalEvent<string>("end"));
        var host = Open(catalog);
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.DrainAsync(Cancel);
        await host.Client.RaiseEventAsync("it-1", "end", null, Cancel);
        await host.DrainAsync(Cancel);
        Assert.Equal(2, host.Count("orchestration_history"));
        await host.Client.PurgeAsync("it-1", Cancel);

        Assert.All(
            (string[])["orchestrations", "orchestration_history", "orchestration_inbox", "orchestration_timers", "orchestration_activities"],
            table => Assert.Equal(0, host.Count(table)));
    }
}
