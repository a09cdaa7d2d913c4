using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

public abstract partial class EngineContract
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
    public async Task A_terminated_instance_has_no_timer_left_and_keeps_its_status()
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
    public async Task New_guids_are_of_version_8()
    {
        await StartAsync(context => Task.FromResult<object?>(new[] { context.NewGuid(), context.NewGuid(), context.NewGuid() }));
        var guids = await OutputAsync<List<Guid>>();

        Assert.All(guids, guid => Assert.Equal(8, guid.Version));
    }
}
