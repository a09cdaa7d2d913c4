using Microsoft.DurableTask.Client;
using Pipeline.Functions.Durable;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Functions.Tests.Durable;

public sealed class DurableOrchestrationClientTests : IAsyncDisposable
{
    private readonly OrchestrationCatalog catalog = new OrchestrationCatalog().AddOrchestrator("it", _ => Task.FromResult<object?>("done"));
    private readonly EngineDurableHarness host;

    public DurableOrchestrationClientTests() => host = new EngineDurableHarness(catalog);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task An_id_that_exists_is_not_scheduled_again_whatever_its_status()
    {
        Assert.True(await host.Client.StartAsync("it", "it-1", null, Stop));
        Assert.False(await host.Client.StartAsync("it", "it-1", null, Stop));
        await host.DrainAsync(Stop);
        Assert.False(await host.Client.StartAsync("it", "it-1", null, Stop));
        Assert.Equal(["schedule it-1"], host.Service.Calls);
    }

    [Fact]
    public async Task Who_loses_the_race_for_an_id_is_told_that_it_exists()
    {
        host.Service.BeforeSchedule = () => host.Engine.StartAsync("it", "it-1", null, Stop);
        Assert.False(await host.Client.StartAsync("it", "it-1", null, Stop));
    }

    [Fact]
    public async Task An_event_to_an_instance_that_has_ended_or_is_not_there_is_dropped_without_a_word()
    {
        await host.Client.StartAsync("it", "it-1", null, Stop);
        await host.DrainAsync(Stop);
        await host.Client.RaiseEventAsync("it-1", "event", null, Stop);
        await host.Client.RaiseEventAsync("none", "event", null, Stop);

        // It ends between the look and the event.
        await host.Client.StartAsync("it", "it-2", null, Stop);
        host.Service.BeforeRaise = () => host.DrainAsync(Stop);
        await host.Client.RaiseEventAsync("it-2", "event", null, Stop);
    }

    [Fact]
    public async Task A_task_hub_that_fails_is_a_store_that_is_unavailable()
    {
        host.Service.Fault = new IOException("unavailable");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.Client.GetAsync("it-1", Stop));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.Client.StartAsync("it", "it-1", null, Stop));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.Client.RaiseEventAsync("it-1", "event", null, Stop));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.Client.TerminateAsync("it-1", "why", Stop));
    }

    [Fact]
    public async Task An_ended_instance_is_not_terminated_again()
    {
        await host.Client.StartAsync("it", "it-1", null, Stop);
        await host.DrainAsync(Stop);
        await host.Client.TerminateAsync("it-1", "why", Stop);
        await host.Client.TerminateAsync("none", "why", Stop);
        Assert.DoesNotContain("terminate it-1", host.Service.Calls);
    }

    [Theory]
#pragma warning disable CS0618 // The service may still say them.
    [InlineData(OrchestrationRuntimeStatus.Running, OrchestrationStatus.Running)]
    [InlineData(OrchestrationRuntimeStatus.ContinuedAsNew, OrchestrationStatus.Running)]
    // Suspended by an operator: it goes on when they resume it.
    [InlineData(OrchestrationRuntimeStatus.Suspended, OrchestrationStatus.Running)]
    [InlineData(OrchestrationRuntimeStatus.Pending, OrchestrationStatus.Pending)]
    [InlineData(OrchestrationRuntimeStatus.Completed, OrchestrationStatus.Completed)]
    [InlineData(OrchestrationRuntimeStatus.Failed, OrchestrationStatus.Failed)]
    [InlineData(OrchestrationRuntimeStatus.Terminated, OrchestrationStatus.Terminated)]
#pragma warning restore CS0618
    public void A_status_of_the_service_and_ours(OrchestrationRuntimeStatus status, OrchestrationStatus expected) =>
        Assert.Equal(expected, DurableOrchestrationClient.StatusOf(status));

    [Fact]
    public void What_the_service_ended_itself_says_so_in_plain_text_and_is_shown_all_the_same()
    {
        var instance = DurableOrchestrationClient.ToInstance(new OrchestrationMetadata("it", "it-1") { SerializedOutput = "not JSON", SerializedInput = "" });
        Assert.Equal("not JSON", instance.Output!.Value.GetString());
        Assert.Null(instance.Input);
    }

    [Theory]
    // As the extension in Azure answers: plain text, or that as JSON.
    [InlineData("The function 'x' doesn't exist.", "The function 'x' doesn't exist.")]
    [InlineData("\"no plan\"", "no plan")]
    [InlineData("""{"reason":"no plan"}""", """{"reason":"no plan"}""")]
    [InlineData(null, "It failed without saying why.")]
    public void Z2_A_failure_without_details_is_told_from_the_output(string? output, string expected)
    {
        var instance = DurableOrchestrationClient.ToInstance(new OrchestrationMetadata("it", "it-1")
        {
            RuntimeStatus = OrchestrationRuntimeStatus.Failed,
            SerializedOutput = output,
        });
        Assert.Equal((expected, null), (instance.FailureDetails, instance.Output));
    }

    [Fact]
    public async Task A_function_without_a_bound_client_is_told_what_to_do()
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => new DurableOrchestrationClient(new DurableClientScope()).GetAsync("it-1", Stop));
        Assert.Contains("[DurableClient]", fault.Message, StringComparison.Ordinal);
    }
}
