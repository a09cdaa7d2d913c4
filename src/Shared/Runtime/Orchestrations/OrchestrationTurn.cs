using System.Text.Json;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>Which life of which instance a run belongs to.</summary>
/// <param name="Generation">Grows with every <c>ContinueAsNew</c>; never used twice, whatever the instance.</param>
internal sealed record OrchestrationIdentity(string InstanceId, string Name, long Generation);

/// <summary>One entry of the history: the events a turn took, when it took them, and the steps the orchestrator then asked for.</summary>
internal sealed record OrchestrationTurn(
    DateTimeOffset At,
    IReadOnlyList<OrchestrationEvent> Events,
    IReadOnlyList<OrchestrationStep> Steps);

/// <summary>What a turn came to. Nothing of it has happened until it is committed.</summary>
/// <param name="Steps">Asked for in this turn, also where they were cancelled again.</param>
/// <param name="CancelledTimers">Step numbers of timers that are not wanted any more.</param>
/// <param name="Ending">Null while the orchestrator waits.</param>
internal sealed record TurnOutcome(
    DateTimeOffset At,
    IReadOnlyList<OrchestrationStep> Steps,
    IReadOnlyList<int> CancelledTimers,
    JsonElement? CustomStatus,
    OrchestrationEnding? Ending)
{
    /// <summary>The timers to set: those that were not cancelled in the turn that made them.</summary>
    public IEnumerable<OrchestrationStep.Timer> NewTimers =>
        Steps.OfType<OrchestrationStep.Timer>().Where(timer => !CancelledTimers.Contains(timer.Number));
}

/// <summary>How a generation ended.</summary>
internal abstract record OrchestrationEnding
{
    public sealed record Completed(JsonElement? Output) : OrchestrationEnding;

    public sealed record Failed(string Type, string Message) : OrchestrationEnding
    {
        public static Failed From(Exception exception) => new(exception.GetType().Name, exception.Message);

        public string Details => $"{Type}: {Message}";
    }

    /// <param name="Unprocessed">Events for the next generation, in the order of their ids.</param>
    public sealed record ContinuedAsNew(JsonElement? Input, IReadOnlyList<OrchestrationEvent> Unprocessed) : OrchestrationEnding;
}
