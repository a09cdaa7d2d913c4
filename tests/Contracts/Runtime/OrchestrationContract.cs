using System.Text.Json;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>
/// What Durable Functions and the engines of ours both keep; the product counts on nothing else. Not promised: one winner of simultaneous
/// starts, the order of events over generations, which of two waiters takes an event, refusal of odd ids, a custom status that outlives
/// ContinueAsNew. Times are in the host's units: minutes where the test moves the clock, seconds where it is the real one.
/// </summary>
public abstract partial class OrchestrationContract : IAsyncDisposable
{
    private OrchestrationHarness? created;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected OrchestrationCatalog Catalog { get; } = new();

    /// <summary>What the activities of a test noted, in order. A replayed orchestrator would note again.</summary>
    protected List<string> Log { get; } = [];

    protected OrchestrationHarness Host => created ??= Create(Catalog);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (created is not null)
        {
            await created.DisposeAsync();
        }
    }

    protected abstract OrchestrationHarness Create(OrchestrationCatalog catalog);

    protected void AddLoggingActivity(string name = "note") => Catalog.AddActivity<string, int>(name, (text, _) => Task.FromResult(Note(text)));

    /// <summary>Returns how much was noted.</summary>
    protected int Note(string text)
    {
        lock (Log)
        {
            Log.Add(text);
            return Log.Count;
        }
    }

    protected async Task<OrchestrationInstance> GetAsync(string instanceId = "it-1") =>
        await Host.Client.GetAsync(instanceId, Cancel) ?? throw new InvalidOperationException($"There is no {instanceId}.");

    /// <summary>Starts the one orchestrator <c>it</c> as instance <c>it-1</c>.</summary>
    private async Task BeginAsync(Func<IOrchestrationContext, Task<object?>> run, object? input = null)
    {
        Catalog.AddOrchestrator("it", run);
        Assert.True(await Host.Client.StartAsync("it", "it-1", input, Cancel));
    }

    private Task TellAsync(string eventName, object? payload = null) => Host.Client.RaiseEventAsync("it-1", eventName, payload, Cancel);

    private async Task UntilAsync(string what, Func<Task<bool>> condition) =>
        Assert.True(await Host.TryUntilAsync(condition, Cancel), $"It never came to pass that {what}.");

    private async Task<OrchestrationInstance> EndedAsync()
    {
        await UntilAsync("the instance ended", async () => !(await GetAsync()).IsRunning);
        return await GetAsync();
    }

    private async Task<T> EventualOutputAsync<T>()
    {
        var instance = await EndedAsync();
        Assert.Null(instance.FailureDetails);
        Assert.Equal(OrchestrationStatus.Completed, instance.RuntimeStatus);
        return instance.Output is { } output ? output.Deserialize<T>(PipelineJson.Options)! : default!;
    }

    private async Task<string> EventualFailureAsync()
    {
        var instance = await EndedAsync();
        Assert.Equal(OrchestrationStatus.Failed, instance.RuntimeStatus);
        return instance.FailureDetails!;
    }
}
