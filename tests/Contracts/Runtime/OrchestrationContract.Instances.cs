using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

public abstract partial class OrchestrationContract
{
    [Fact]
    public async Task An_instance_is_pending_then_runs_then_completes()
    {
        Catalog.AddOrchestrator("it", async context =>
        {
            context.SetCustomStatus(new { step = "waiting" });
            var name = await context.WaitForExternalEvent<string>("name").ConfigureAwait(true);
            return $"hello {name}, {context.GetInput<int>()}";
        });
        var started = Now;
        await Host.Client.StartAsync("it", "it-1", 7, Cancel);

        var pending = await GetAsync();
        Assert.Equal(
            ("it-1", "it", OrchestrationStatus.Pending, "7", null, null, started, started, true),
            (pending.InstanceId, pending.Name, pending.RuntimeStatus, pending.Input?.GetRawText(), pending.Output?.GetRawText(),
                pending.CustomStatus?.GetRawText(), pending.CreatedTime, pending.LastUpdatedTime, pending.IsRunning));

        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        await Host.DrainAsync(Cancel);
        var running = await GetAsync();
        Assert.Equal(
            (OrchestrationStatus.Running, """{"step":"waiting"}""", started, started.AddSeconds(1), true),
            (running.RuntimeStatus, running.CustomStatus?.GetRawText(), running.CreatedTime, running.LastUpdatedTime, running.IsRunning));

        await RaiseAsync("name", "Ada");
        var completed = await GetAsync();
        Assert.Equal(
            (OrchestrationStatus.Completed, "hello Ada, 7", """{"step":"waiting"}""", null, false),
            (completed.RuntimeStatus, completed.Output?.GetString(), completed.CustomStatus?.GetRawText(), completed.FailureDetails, completed.IsRunning));
        Assert.Null(Host.NextDue);
        Assert.Equal(0, await Host.DrainAsync(Cancel));
    }

    [Fact]
    public async Task An_id_is_started_once_whatever_its_status()
    {
        await StartAsync(context => Task.FromResult<object?>(context.GetInput<string>()), "first");

        Assert.False(await Host.Client.StartAsync("it", "it-1", "second", Cancel));
        await Host.DrainAsync(Cancel);

        Assert.Equal("first", await OutputAsync<string>());
    }

    [Fact]
    public async Task Of_fifty_starts_at_once_one_wins()
    {
        AddLoggingActivity();
        Catalog.AddOrchestrator("it", async context => await context.CallActivityAsync<int>("note", context.GetInput<string>()));
        var client = Host.Client;

        var starts = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => client.StartAsync("it", "it-1", $"start {i}", Cancel))));
        await Host.DrainAsync(Cancel);

        Assert.Single(starts, won => won);
        Assert.Single(Log);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\nb")]
    public async Task An_id_that_Durable_Functions_would_refuse_is_refused(string instanceId)
    {
        Catalog.AddOrchestrator("it", _ => Task.FromResult<object?>(null));

        await Assert.ThrowsAsync<ArgumentException>(() => Host.Client.StartAsync("it", instanceId, null, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => Host.Client.StartAsync("it", new string('a', 101), null, Cancel));
    }

    [Fact]
    public async Task An_unknown_orchestrator_fails_the_instance_and_names_the_known_ones()
    {
        Catalog.AddOrchestrator("escalation", _ => Task.FromResult<object?>(null)).AddOrchestrator("cadence", _ => Task.FromResult<object?>(null));
        await Host.Client.StartAsync("escalate", "it-1", null, Cancel);
        await Host.DrainAsync(Cancel);

        Assert.Equal("UnknownOrchestrator: There is no orchestrator 'escalate'. Known: cadence, escalation.", await FailureAsync());
    }

    [Fact]
    public async Task A_fault_of_the_orchestrator_fails_the_instance_with_type_and_message()
    {
        await StartAsync(_ => throw new InvalidOperationException("no plan"));

        Assert.Equal("InvalidOperationException: no plan", await FailureAsync());
    }

    [Fact]
    public async Task A_list_is_ordered_paged_and_filtered()
    {
        Catalog.AddOrchestrator("waits", async context => await context.WaitForExternalEvent<string>("go"));
        Catalog.AddOrchestrator("ends", _ => Task.FromResult<object?>(null));
        foreach (var id in (string[])["b-2", "a-1", "b-1", "a-2", "b-3"])
        {
            await Host.Client.StartAsync(id is "b-1" or "a-2" ? "ends" : "waits", id, null, Cancel);
        }

        await Host.DrainAsync(Cancel);

        Assert.Equal("a-1 a-2 > a-2", await ListAsync(new OrchestrationQuery(Take: 2)));
        Assert.Equal("b-1 b-2 > b-2", await ListAsync(new OrchestrationQuery(Cursor: "a-2", Take: 2)));
        Assert.Equal("b-3 > ", await ListAsync(new OrchestrationQuery(Cursor: "b-2", Take: 2)));
        Assert.Equal("b-1 b-2 b-3 > ", await ListAsync(new OrchestrationQuery(IdPrefix: "b-", Take: 3)));
        Assert.Equal("a-2 b-1 > ", await ListAsync(new OrchestrationQuery(Name: "ends")));
        Assert.Equal("a-1 b-2 b-3 > ", await ListAsync(new OrchestrationQuery(RuntimeStatus: OrchestrationStatus.Running)));
        Assert.Equal("b-1 > ", await ListAsync(new OrchestrationQuery("ends", OrchestrationStatus.Completed, "b")));
        Assert.Equal(" > ", await ListAsync(new OrchestrationQuery(RuntimeStatus: OrchestrationStatus.Failed)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Host.Client.ListAsync(new OrchestrationQuery(Take: 0), Cancel));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Host.Client.ListAsync(new OrchestrationQuery(Take: 1001), Cancel));
    }

    [Fact]
    public async Task A_terminated_instance_does_nothing_more()
    {
        AddLoggingActivity();
        await StartAsync(async context =>
        {
            context.SetCustomStatus("waiting");
            await context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(5));
            return await context.CallActivityAsync<int>("note", "too late");
        });

        await Host.Client.TerminateAsync("it-1", "opened by mistake", Cancel);
        await Host.PassAsync(TimeSpan.FromHours(1), Cancel);
        await RaiseAsync("anything");

        var instance = await GetAsync();
        Assert.Equal(
            (OrchestrationStatus.Terminated, "opened by mistake", "waiting", null),
            (instance.RuntimeStatus, instance.Output?.GetString(), instance.CustomStatus?.GetString(), instance.FailureDetails));
        Assert.Empty(Log);
        Assert.Null(Host.NextDue);
        await Host.Client.TerminateAsync("it-1", "again", Cancel);
        Assert.Equal("opened by mistake", (await GetAsync()).Output?.GetString());
        await Host.Client.TerminateAsync("nobody", "unknown", Cancel);
    }

    [Fact]
    public async Task An_instance_terminated_before_its_first_turn_never_runs()
    {
        AddLoggingActivity();
        Catalog.AddOrchestrator("it", async context => await context.CallActivityAsync<int>("note", "ran"));
        await Host.Client.StartAsync("it", "it-1", null, Cancel);
        await Host.Client.TerminateAsync("it-1", "never mind", Cancel);
        await Host.DrainAsync(Cancel);

        Assert.Empty(Log);
        Assert.Equal(OrchestrationStatus.Terminated, (await GetAsync()).RuntimeStatus);
    }

    [Fact]
    public async Task Purge_removes_an_ended_instance_and_its_id_can_be_used_again()
    {
        await StartAsync(async context => context.NewGuid().ToString() + await context.WaitForExternalEvent<string>("end"));
        Assert.False(await Host.Client.PurgeAsync("it-1", Cancel));
        Assert.False(await Host.Client.PurgeAsync("nobody", Cancel));
        await RaiseAsync("end", " first");
        var first = await OutputAsync<string>();

        Assert.True(await Host.Client.PurgeAsync("it-1", Cancel));
        Assert.Null(await Host.Client.GetAsync("it-1", Cancel));
        Assert.False(await Host.Client.PurgeAsync("it-1", Cancel));

        Assert.True(await Host.Client.StartAsync("it", "it-1", null, Cancel));
        await RaiseAsync("end", " first");
        Assert.NotEqual(first, await OutputAsync<string>(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task New_guids_differ()
    {
        await StartAsync(context => Task.FromResult<object?>(new[] { context.NewGuid(), context.NewGuid(), context.NewGuid() }));
        var guids = await OutputAsync<List<Guid>>();

        Assert.Equal(3, guids.Distinct().Count());
        Assert.All(guids, guid => Assert.Equal(8, guid.Version));
    }

    private async Task<string> ListAsync(OrchestrationQuery query)
    {
        var page = await Host.Client.ListAsync(query, Cancel);
        return $"{string.Join(' ', page.Items.Select(item => item.InstanceId))} > {page.NextCursor}";
    }
}
