using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>What an orchestrator asked for. Steps are numbered from 1 in the order of asking, anew in each generation.</summary>
[JsonDerivedType(typeof(Activity), "activity")]
[JsonDerivedType(typeof(Timer), "timer")]
internal abstract record OrchestrationStep(int Number)
{
    /// <summary>True where a replay may take <paramref name="other"/> for this step. A due time may differ: a changed setting is no changed step.</summary>
    public abstract bool Matches(OrchestrationStep other);

    public abstract string Describe();

    public sealed record Activity(int Number, string Name) : OrchestrationStep(Number)
    {
        /// <summary>Kept with the outgoing call, not in the history.</summary>
        [JsonIgnore]
        public JsonElement? Input { get; init; }

        /// <inheritdoc cref="Input"/>
        [JsonIgnore]
        public RetryPolicy? Retry { get; init; }

        public override bool Matches(OrchestrationStep other) =>
            other is Activity activity && activity.Number == Number && string.Equals(activity.Name, Name, StringComparison.Ordinal);

        public override string Describe() => $"activity '{Name}'";
    }

    public sealed record Timer(int Number, DateTimeOffset DueAt) : OrchestrationStep(Number)
    {
        public override bool Matches(OrchestrationStep other) => other is Timer timer && timer.Number == Number;

        public override string Describe() => string.Create(CultureInfo.InvariantCulture, $"a timer due {DueAt:O}");
    }
}
