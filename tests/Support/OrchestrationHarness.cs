using Pipeline.Runtime;

namespace Pipeline.Tests.Support;

/// <summary>A host of orchestrations, as the contract sees it.</summary>
public abstract class OrchestrationHarness : IAsyncDisposable
{
    public abstract IOrchestrationClient Client { get; }

    /// <summary>The unit of the contract's times: short where the clock is the real one.</summary>
    public abstract TimeSpan Unit { get; }

    /// <summary>Lets time pass, and what is due on the way happen.</summary>
    public abstract Task PassAsync(TimeSpan time, CancellationToken cancellationToken);

    /// <summary>Lets things happen, and time pass, until the condition holds; false where it never does.</summary>
    public abstract Task<bool> TryUntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken);

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Orchestrations with a clock that a test moves. Nothing runs but in the methods of this class.</summary>
public abstract class ManualOrchestrationHarness : OrchestrationHarness
{
    public ManualTimeProvider Clock { get; } = new();

    public override TimeSpan Unit => TimeSpan.FromMinutes(1);

    /// <summary>When the next timer or attempt of an activity is due.</summary>
    public abstract DateTimeOffset? NextDue { get; }

    /// <summary>Runs all that can run now; gives how much.</summary>
    public abstract Task<int> DrainAsync(CancellationToken cancellationToken);

    /// <summary>Lets time pass, and all that is due on the way happen at its time.</summary>
    public override async Task PassAsync(TimeSpan time, CancellationToken cancellationToken)
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

    public override async Task<bool> TryUntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        while (!await condition())
        {
            if (NextDue is not { } due)
            {
                return false;
            }

            Clock.AdvanceTo(due);
            await DrainAsync(cancellationToken);
        }

        return true;
    }
}

public sealed class InMemoryOrchestrationHarness : ManualOrchestrationHarness
{
    private readonly InMemoryOrchestrations orchestrations;

    public InMemoryOrchestrationHarness(OrchestrationCatalog catalog) => orchestrations = new InMemoryOrchestrations(catalog, Clock);

    public override IOrchestrationClient Client => orchestrations;

    public override DateTimeOffset? NextDue => orchestrations.NextDue;

    public override Task<int> DrainAsync(CancellationToken cancellationToken) => orchestrations.DrainAsync(cancellationToken);
}
