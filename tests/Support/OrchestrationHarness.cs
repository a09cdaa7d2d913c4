using Pipeline.Runtime;

namespace Pipeline.Tests.Support;

/// <summary>Orchestrations with a clock that a test moves. Nothing runs but in the methods of this class.</summary>
public abstract class OrchestrationHarness : IAsyncDisposable
{
    public ManualTimeProvider Clock { get; } = new();

    public abstract IOrchestrationClient Client { get; }

    /// <summary>When the next timer or attempt of an activity is due.</summary>
    public abstract DateTimeOffset? NextDue { get; }

    /// <summary>Runs all that can run now; gives how much.</summary>
    public abstract Task<int> DrainAsync(CancellationToken cancellationToken);

    /// <summary>Lets time pass, and all that is due on the way happen at its time.</summary>
    public async Task PassAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var until = Clock.GetUtcNow() + time;
        await DrainAsync(cancellationToken);
        while (NextDue is { } due && due <= until)
        {
            Clock.AdvanceTo(due);
            await DrainAsync(cancellationToken);
        }

        Clock.AdvanceTo(until);
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

public sealed class InMemoryOrchestrationHarness : OrchestrationHarness
{
    private readonly InMemoryOrchestrations orchestrations;

    public InMemoryOrchestrationHarness(OrchestrationCatalog catalog) => orchestrations = new InMemoryOrchestrations(catalog, Clock);

    public override IOrchestrationClient Client => orchestrations;

    public override DateTimeOffset? NextDue => orchestrations.NextDue;

    public override Task<int> DrainAsync(CancellationToken cancellationToken) => orchestrations.DrainAsync(cancellationToken);
}
