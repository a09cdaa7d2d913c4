using System.Text.Json;
using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Xunit;

namespace Pipeline.Standalone.Tests.Orchestration;

/// <summary>Base of the tests of what only a durable host can show.</summary>
public abstract class EngineTest : IAsyncDisposable
{
    private readonly List<EngineHarness> harnesses = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var harness in harnesses)
        {
            await harness.DisposeAsync();
        }
    }

    private protected EngineHarness Open(OrchestrationCatalog catalog, OrchestrationEngineOptions? options = null)
    {
        var harness = new EngineHarness(catalog, options);
        harnesses.Add(harness);
        return harness;
    }

    protected static T OutputOf<T>(OrchestrationInstance? instance)
    {
        Assert.Null(instance?.FailureDetails);
        Assert.Equal(OrchestrationStatus.Completed, instance?.RuntimeStatus);
        return instance!.Output!.Value.Deserialize<T>(PipelineJson.Options)!;
    }

    /// <summary>Waits for what other threads do; gives up after half a minute.</summary>
    protected static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            Assert.True(tries < 30_000, "It didn't come to that.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel);
        }
    }
}
