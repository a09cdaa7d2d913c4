using System.Text.Json;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>
/// What the engines of ours do beside the contract, at times to the tick. The product doesn't count on it: Durable Functions does it otherwise.
/// </summary>
public abstract partial class EngineContract : OrchestrationContract
{
    protected new ManualOrchestrationHarness Host => (ManualOrchestrationHarness)base.Host;

    protected DateTimeOffset Now => Host.Clock.GetUtcNow();

    /// <summary>Starts the one orchestrator <c>it</c> as instance <c>it-1</c> and runs it until it waits.</summary>
    protected async Task StartAsync(Func<IOrchestrationContext, Task<object?>> run, object? input = null)
    {
        Catalog.AddOrchestrator("it", run);
        Assert.True(await Host.Client.StartAsync("it", "it-1", input, Cancel));
        await Host.DrainAsync(Cancel);
    }

    protected async Task RaiseAsync(string eventName, object? payload = null)
    {
        await Host.Client.RaiseEventAsync("it-1", eventName, payload, Cancel);
        await Host.DrainAsync(Cancel);
    }

    protected async Task<T> OutputAsync<T>(string instanceId = "it-1")
    {
        var instance = await GetAsync(instanceId);
        Assert.Null(instance.FailureDetails);
        Assert.Equal(OrchestrationStatus.Completed, instance.RuntimeStatus);
        return instance.Output is { } output ? output.Deserialize<T>(PipelineJson.Options)! : default!;
    }

    protected async Task<string> FailureAsync(string instanceId = "it-1")
    {
        var instance = await GetAsync(instanceId);
        Assert.Equal(OrchestrationStatus.Failed, instance.RuntimeStatus);
        return instance.FailureDetails!;
    }
}
