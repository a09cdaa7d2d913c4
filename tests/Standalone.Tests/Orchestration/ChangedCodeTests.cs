using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;
using Pipeline.Standalone.Orchestration;
using Xunit;

namespace Pipeline.Standalone.Tests.Orchestration;

/// <summary>An orchestrator that doesn't do again what its history says.</summary>
public sealed class ChangedCodeTests : EngineTest
{
    private static readonly DateTimeOffset At = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private static readonly OrchestrationStep Page = new OrchestrationStep.Activity(3, "page");

    private static readonly OrchestrationStep Timer = new OrchestrationStep.Timer(3, At);

    [Fact]
    public void The_same_steps_are_no_mismatch() => Assert.Null(Compare([Page], [Page]));

    // A changed setting gives another due time; the history's timer stands.
    [Fact]
    public void A_timer_of_another_time_is_no_mismatch() => Assert.Null(Compare([Timer], [new OrchestrationStep.Timer(3, At.AddMinutes(5))]));

    [Fact]
    public void Another_kind_of_step_is_named() => Assert.Equal(
        "Step 3 of escalation-INC-7: history has activity 'page', the code now asks for a timer due 2026-01-05T09:00:00.0000000+00:00.",
        Compare([Page], [Timer]));

    [Fact]
    public void Another_activity_is_named() => Assert.Equal(
        "Step 3 of escalation-INC-7: history has activity 'page', the code now asks for activity 'call'.",
        Compare([Page], [new OrchestrationStep.Activity(3, "call")]));

    [Fact]
    public void A_missing_step_is_named() => Assert.Equal(
        "Step 3 of escalation-INC-7: history has activity 'page', the code now asks for nothing.",
        Compare([Page], []));

    [Fact]
    public void A_step_too_many_is_named() => Assert.Equal(
        "Step 3 of escalation-INC-7: history has no such step yet, the code now asks for activity 'page'.",
        Compare([], [Page]));

    [Fact]
    public void An_earlier_end_is_named()
    {
        Assert.Equal(
            "Step 3 of escalation-INC-7: history has activity 'page', the code now ends.",
            Compare([Page], [], new OrchestrationEnding.Completed(null)));
        Assert.Equal(
            "escalation-INC-7: history goes on after a turn at 2026-01-05T09:00:00.0000000+00:00, the code now fails with TimeoutException: late.",
            Compare([], [], new OrchestrationEnding.Failed("TimeoutException", "late")));
        Assert.Equal(
            "escalation-INC-7: history goes on after a turn at 2026-01-05T09:00:00.0000000+00:00, the code now continues as new.",
            Compare([], [], new OrchestrationEnding.ContinuedAsNew(null, [])));
    }

    [Fact]
    public async Task A_changed_orchestrator_fails_its_waiting_instance_and_does_nothing_else()
    {
        var pages = new List<string>();
        var host = Open(Version(async context =>
        {
            await context.CallActivityAsync<int>("page", "primary");
            await context.WaitForExternalEvent<string>("acknowledged");
            return null;
        }));
        await host.Client.StartAsync("it", "escalation-INC-7", null, Cancel);
        await host.DrainAsync(Cancel);

        await host.RestartAsync(Version(async context =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(1));
            await context.CallActivityAsync<int>("page", "primary");
            await context.WaitForExternalEvent<string>("acknowledged");
            return null;
        }));
        await host.Client.RaiseEventAsync("escalation-INC-7", "acknowledged", null, Cancel);
        await host.DrainAsync(Cancel);

        var instance = await host.Client.GetAsync("escalation-INC-7", Cancel);
        Assert.Equal(OrchestrationStatus.Failed, instance!.RuntimeStatus);
        Assert.StartsWith(
            "NonDeterministicOrchestrator: Step 1 of escalation-INC-7: history has activity 'page', the code now asks for a timer due 2026-01-05T09:01:00",
            instance.FailureDetails,
            StringComparison.Ordinal);
        Assert.Equal(["primary"], pages);
        Assert.Null(host.NextDue);

        OrchestrationCatalog Version(Func<IOrchestrationContext, Task<object?>> code) => new OrchestrationCatalog()
            .AddOrchestrator("it", code)
            .AddActivity<string, int>("page", (whom, _) =>
            {
                pages.Add(whom);
                return Task.FromResult(0);
            });
    }

    [Fact]
    public async Task A_call_to_an_activity_that_the_next_version_lacks_fails_and_names_the_known_ones()
    {
        Func<IOrchestrationContext, Task<object?>> code = async context => await context.CallActivityAsync<int>("page", 1);
        var host = Open(new OrchestrationCatalog().AddOrchestrator("it", code).AddActivity<int, int>("page", (_, _) => Task.FromResult(1)));
        await host.Client.StartAsync("it", "it-1", null, Cancel);
        await host.Engine.StepAsync(Cancel);
        await host.RestartAsync(new OrchestrationCatalog().AddOrchestrator("it", code).AddActivity<int, int>("call", (_, _) => Task.FromResult(1)));
        await host.DrainAsync(Cancel);

        Assert.Equal(
            "ActivityFailedException: Activity 'page' failed: UnknownActivity: There is no activity 'page'. Known: call.",
            (await host.Client.GetAsync("it-1", Cancel))!.FailureDetails);
    }

    private static string? Compare(OrchestrationStep[] recorded, OrchestrationStep[] repeated, OrchestrationEnding? ending = null) =>
        HistoryReplay.FindMismatch("escalation-INC-7", recorded, new TurnOutcome(At, repeated, [], null, ending));
}
