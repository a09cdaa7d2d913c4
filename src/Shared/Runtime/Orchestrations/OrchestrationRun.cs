using System.Text.Json;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>
/// One generation of one instance, its code alive in memory. A host feeds it turns, from the inbox or again from the history;
/// it answers with what the turn came to. Used by one thread at a time.
/// </summary>
/// <param name="customStatus">As the instance has it when the generation begins.</param>
/// <param name="whenForeign">Called once, on any thread, when the code is seen awaiting something foreign between turns; the run is lost then.</param>
internal sealed class OrchestrationRun
{
    private readonly OrchestrationCatalog catalog;
    private readonly OrchestratorSynchronizationContext thread;
    private readonly OrchestrationContext context;
    private Task<JsonElement?>? code;

    public OrchestrationRun(
        OrchestrationIdentity identity, JsonElement? input, JsonElement? customStatus, OrchestrationCatalog catalog, Action whenForeign)
    {
        Identity = identity;
        this.catalog = catalog;
        thread = new OrchestratorSynchronizationContext(whenForeign);
        context = new OrchestrationContext(identity, input, customStatus, catalog, thread);
    }

    public OrchestrationIdentity Identity { get; }

    /// <summary>Starts the code in the first turn, gives it the events one after another, and runs it each time until it waits.</summary>
    public TurnOutcome TakeTurn(DateTimeOffset now, IReadOnlyList<OrchestrationEvent> events, bool isReplaying = false)
    {
        var taken = 0;
        context.BeginTurn(now, isReplaying);
        if (code is null)
        {
            if (!catalog.Orchestrators.TryGetValue(Identity.Name, out var orchestrator))
            {
                return context.EndTurn(OrchestrationValues.UnknownOrchestrator(Identity.Name, catalog));
            }

            thread.Run(() => code = RunCodeAsync(orchestrator));
        }

        while (taken < events.Count && FindEnding([]) is null)
        {
            var next = events[taken++];
            thread.Run(() => context.Apply(next));
        }

        return context.EndTurn(FindEnding(events.Skip(taken)));
    }

    // The awaiting method is the engine's own, so the orchestrator's end is seen on the turn's thread or reported as foreign.
    private async Task<JsonElement?> RunCodeAsync(Func<IOrchestrationContext, Task<object?>> orchestrator) =>
        OrchestrationValues.ToElement(await orchestrator(context).ConfigureAwait(true));

    private OrchestrationEnding? FindEnding(IEnumerable<OrchestrationEvent> left)
    {
        if (context.Failure is { } failure)
        {
            return failure;
        }

        if (thread.SawForeignAwait || (!code!.IsCompleted && !context.WaitsForSomething))
        {
            return ForeignAwait.Failure;
        }

        if (!code.IsCompleted)
        {
            return null;
        }

        if (!code.IsCompletedSuccessfully)
        {
            return OrchestrationEnding.Failed.From(code.Exception?.InnerException ?? new TaskCanceledException(code));
        }

        if (context.NextGeneration is not var (input, preserve))
        {
            return new OrchestrationEnding.Completed(code.Result);
        }

        return new OrchestrationEnding.ContinuedAsNew(
            input,
            preserve ? [.. context.UntakenEvents, .. left.OfType<OrchestrationEvent.Raised>()] : []);
    }
}
