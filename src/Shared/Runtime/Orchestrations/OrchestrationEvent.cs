using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>What happened to an instance: it waits in the instance's inbox until a turn takes it, and stands in that turn's history from then on.</summary>
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(Raised), "raised")]
[JsonDerivedType(typeof(TimerFired), "timerFired")]
[JsonDerivedType(typeof(ActivityCompleted), "activityCompleted")]
[JsonDerivedType(typeof(ActivityFailed), "activityFailed")]
internal abstract record OrchestrationEvent
{
    /// <summary>Its number in the inbox. Numbers grow and are never used again, so an event put back takes its old place.</summary>
    public long Id { get; init; }

    /// <summary>A generation begins. Its id is the generation's number, so an instance purged and started anew has another one.</summary>
    public sealed record Started : OrchestrationEvent;

    public sealed record Raised(string Name, JsonElement? Payload) : OrchestrationEvent;

    public sealed record TimerFired(long Generation, int Step) : OrchestrationEvent;

    public sealed record ActivityCompleted(long Generation, int Step, JsonElement? Result) : OrchestrationEvent;

    public sealed record ActivityFailed(long Generation, int Step, string ErrorType, string ErrorMessage) : OrchestrationEvent;
}
