using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

public abstract partial class OrchestrationContract
{
    [Fact]
    public async Task An_instance_runs_with_its_input_shows_its_status_and_completes()
    {
        await BeginAsync(async context =>
        {
            context.SetCustomStatus(new { step = "waiting" });
            var name = await context.WaitForExternalEvent<string>("name").ConfigureAwait(true);
            return $"hello {name}, {context.GetInput<int>()}";
        }, 7);
        await UntilAsync("it waits", async () => (await GetAsync()).CustomStatus is not null);
        var running = await GetAsync();
        Assert.Equal(
            ("it-1", "it", OrchestrationStatus.Running, "7", null, """{"step":"waiting"}""", true),
            (running.InstanceId, running.Name, running.RuntimeStatus, running.Input?.GetRawText(), running.Output?.GetRawText(),
                running.CustomStatus?.GetRawText(), running.IsRunning));

        await TellAsync("name", "Ada");
        Assert.Equal("hello Ada, 7", await EventualOutputAsync<string>());
        Assert.Equal("""{"step":"waiting"}""", (await GetAsync()).CustomStatus?.GetRawText());
    }

    [Fact]
    public async Task An_id_is_started_once_whatever_its_status()
    {
        await BeginAsync(async context => context.GetInput<string>() + await context.WaitForExternalEvent<string>("end"), "first");
        Assert.False(await Host.Client.StartAsync("it", "it-1", "second", Cancel));
        await TellAsync("end", " end");
        Assert.Equal("first end", await EventualOutputAsync<string>());

        Assert.False(await Host.Client.StartAsync("it", "it-1", "third", Cancel));
        Assert.Equal("first end", await EventualOutputAsync<string>());
    }

    [Fact]
    public async Task Z10_Of_fifty_starts_at_once_at_least_one_is_told_so_and_the_work_is_done_once()
    {
        AddLoggingActivity();
        Catalog.AddOrchestrator("it", async context => await context.CallActivityAsync<int>("note", context.GetInput<string>()));
        var client = Host.Client;

        var starts = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => Task.Run(() => client.StartAsync("it", "it-1", $"start {i}", Cancel))));
        await EndedAsync();

        Assert.Contains(true, starts);
        Assert.Single(Log);
    }

    [Fact]
    public async Task A_fault_of_the_orchestrator_fails_the_instance_with_type_and_message()
    {
        await BeginAsync(_ => throw new InvalidOperationException("no plan"));

        Assert.EndsWith("InvalidOperationException: no plan", await EventualFailureAsync(), StringComparison.Ordinal);
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

        await UntilAsync("three wait and two have ended", async () =>
            await ListAsync(new OrchestrationQuery(RuntimeStatus: OrchestrationStatus.Running)) == "a-1 b-2 b-3 > "
            && await ListAsync(new OrchestrationQuery(RuntimeStatus: OrchestrationStatus.Completed)) == "a-2 b-1 > ");

        Assert.Equal("a-1 a-2 > a-2", await ListAsync(new OrchestrationQuery(Take: 2)));
        Assert.Equal("b-1 b-2 > b-2", await ListAsync(new OrchestrationQuery(Cursor: "a-2", Take: 2)));
        Assert.Equal("b-3 > ", await ListAsync(new OrchestrationQuery(Cursor: "b-2", Take: 2)));
        Assert.Equal("b-1 b-2 b-3 > ", await ListAsync(new OrchestrationQuery(IdPrefix: "b-", Take: 3)));
        Assert.Equal("a-2 b-1 > ", await ListAsync(new OrchestrationQuery(Name: "ends")));
        Assert.Equal("b-1 > ", await ListAsync(new OrchestrationQuery("ends", OrchestrationStatus.Completed, "b")));
        Assert.Equal(" > ", await ListAsync(new OrchestrationQuery(RuntimeStatus: OrchestrationStatus.Failed)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Host.Client.ListAsync(new OrchestrationQuery(Take: 0), Cancel));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Host.Client.ListAsync(new OrchestrationQuery(Take: 1001), Cancel));
    }

    [Fact]
    public async Task A_terminated_instance_does_nothing_more()
    {
        AddLoggingActivity();
        var unit = Host.Unit;
        await BeginAsync(async context =>
        {
            context.SetCustomStatus("waiting");
            await context.CreateTimer(context.CurrentUtcDateTime + unit);
            return await context.CallActivityAsync<int>("note", "too late");
        });
        await Host.Client.TerminateAsync("it-1", "opened by mistake", Cancel);

        var instance = await EndedAsync();
        Assert.Equal(
            (OrchestrationStatus.Terminated, "opened by mistake", null),
            (instance.RuntimeStatus, instance.Output?.GetString(), instance.FailureDetails));
        await Host.PassAsync(unit * 2, Cancel);
        await TellAsync("anything");
        await Host.Client.TerminateAsync("it-1", "again", Cancel);
        await Host.Client.TerminateAsync("nobody", "unknown", Cancel);
        Assert.Empty(Log);
        Assert.Equal("opened by mistake", (await GetAsync()).Output?.GetString());
    }

    [Fact]
    public async Task Purge_removes_an_ended_instance_and_its_id_can_be_used_again()
    {
        await BeginAsync(async context => context.NewGuid() + await context.WaitForExternalEvent<string>("end"));
        Assert.False(await Host.Client.PurgeAsync("it-1", Cancel));
        Assert.False(await Host.Client.PurgeAsync("nobody", Cancel));
        await TellAsync("end", " first");
        var first = await EventualOutputAsync<string>();

        Assert.True(await Host.Client.PurgeAsync("it-1", Cancel));
        Assert.Null(await Host.Client.GetAsync("it-1", Cancel));
        Assert.False(await Host.Client.PurgeAsync("it-1", Cancel));

        Assert.True(await Host.Client.StartAsync("it", "it-1", null, Cancel));
        await TellAsync("end", " first");
        Assert.NotEqual(first, await EventualOutputAsync<string>(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task New_guids_differ()
    {
        await BeginAsync(context => Task.FromResult<object?>(new[] { context.NewGuid(), context.NewGuid(), context.NewGuid() }));

        Assert.Equal(3, (await EventualOutputAsync<List<Guid>>()).Distinct().Count());
    }

    [Fact]
    public async Task Z10_Continue_as_new_starts_again_with_the_new_input()
    {
        await BeginAsync(context =>
        {
            var round = context.GetInput<int>();
            if (round == 3)
            {
                context.SetCustomStatus("the third");
                return Task.FromResult<object?>($"round {round}");
            }

            context.ContinueAsNew(round + 1);
            return Task.FromResult<object?>("ignored");
        }, 1);

        Assert.Equal("round 3", await EventualOutputAsync<string>());
        var instance = await GetAsync();
        Assert.Equal((3, "the third"), (instance.Input?.GetInt32(), instance.CustomStatus?.GetString()));
    }

    private async Task<string> ListAsync(OrchestrationQuery query)
    {
        var page = await Host.Client.ListAsync(query, Cancel);
        return $"{string.Join(' ', page.Items.Select(item => item.InstanceId))} > {page.NextCursor}";
    }
}
