using System.Text.Json;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>What every host of orchestrations does.</summary>
public abstract partial class OrchestrationContract : IAsyncDisposable
{
    private OrchestrationHarness? created;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected OrchestrationCatalog Catalog { get; } = new();

    /// <summary>What the orchestrators and activities of a test noted, in order. A replayed orchestrator notes again, so only activities use it.</summary>
    protected List<string> Log { get; } = [];

    protected OrchestrationHarness Host => created ??= Create(Catalog);

    protected DateTimeOffset Now => Host.Clock.GetUtcNow();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (created is not null)
        {
            await created.DisposeAsync();
        }
    }

    protected abstract OrchestrationHarness Create(OrchestrationCatalog catalog);

    /// <summary>Starts the one orchestrator <c>it</c> as instance <c>it-1</c> and runs it until it waits.</summary>
    protected async Task StartAsync(Func<IOrchestrationContext, Task<object?>> run, object? input = null)
    {
        Catalog.AddOrchestrator("it", run);
        Assert.True(await Host.Client.StartAsync("it", "it-1", input, Cancel));
        await Host.DrainAsync(Cancel);
    }

    protected void AddLoggingActivity(string name = "note") => Catalog.AddActivity<string, int>(name, (text, _) =>
    {
        Log.Add(text);
        return Task.FromResult(Log.Count);
    });

    protected async Task RaiseAsync(string eventName, object? payload = null)
    {
        await Host.Client.RaiseEventAsync("it-1", eventName, payload, Cancel);
        await Host.DrainAsync(Cancel);
    }

    protected async Task<OrchestrationInstance> GetAsync(string instanceId = "it-1") =>
        await Host.Client.GetAsync(instanceId, Cancel) ?? throw new InvalidOperationException($"There is no {instanceId}.");

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
