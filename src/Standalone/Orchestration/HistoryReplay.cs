using Pipeline.Runtime.Orchestrations;

namespace Pipeline.Standalone.Orchestration;

/// <summary>Brings a run to where its history ends, and finds where the code doesn't do again what it did.</summary>
internal static class HistoryReplay
{
    private const string Advice =
        "The orchestrator's code changed while the instance was waiting, or it doesn't do the same each time. Terminate and purge the instance, and start it anew.";

    /// <returns>Null where the run now waits as it did; else why it doesn't.</returns>
    public static OrchestrationEnding.Failed? Repeat(OrchestrationRun run, IReadOnlyList<OrchestrationTurn> history)
    {
        foreach (var turn in history)
        {
            var repeated = run.TakeTurn(turn.At, turn.Events, isReplaying: true);
            if (FindMismatch(run.Identity.InstanceId, turn.Steps, repeated) is { } mismatch)
            {
                return new OrchestrationEnding.Failed("NonDeterministicOrchestrator", $"{mismatch} {Advice}");
            }
        }

        return null;
    }

    /// <summary>Compares a turn with its repetition. The turns of a history all ended in waiting.</summary>
    public static string? FindMismatch(string instanceId, IReadOnlyList<OrchestrationStep> recorded, TurnOutcome repeated)
    {
        for (var i = 0; i < Math.Max(recorded.Count, repeated.Steps.Count); i++)
        {
            var before = i < recorded.Count ? recorded[i] : null;
            var now = i < repeated.Steps.Count ? repeated.Steps[i] : null;
            if (before is null || now?.Matches(before) != true)
            {
                return $"Step {before?.Number ?? now!.Number} of {instanceId}: history has {before?.Describe() ?? "no such step yet"}, "
                    + $"the code now {Asks(now, repeated.Ending)}.";
            }
        }

        return repeated.Ending is null ? null : $"{instanceId}: history goes on after a turn at {repeated.At:O}, the code now {Ends(repeated.Ending)}.";
    }

    private static string Asks(OrchestrationStep? step, OrchestrationEnding? ending) => (step, ending) switch
    {
        ({ } asked, _) => $"asks for {asked.Describe()}",
        (null, null) => "asks for nothing",
        (null, { } ended) => Ends(ended),
    };

    private static string Ends(OrchestrationEnding ending) => ending switch
    {
        OrchestrationEnding.Failed failed => $"fails with {failed.Details}",
        OrchestrationEnding.ContinuedAsNew => "continues as new",
        _ => "ends",
    };
}
