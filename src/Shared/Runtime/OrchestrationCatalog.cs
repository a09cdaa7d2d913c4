using System.Text.Json;

namespace Pipeline.Runtime;

/// <summary>The orchestrators and activities of the program by name; a host runs what is in here.</summary>
public sealed class OrchestrationCatalog
{
    private readonly Dictionary<string, Func<IOrchestrationContext, Task<object?>>> orchestrators = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ActivityDefinition> activities = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Func<IOrchestrationContext, Task<object?>>> Orchestrators => orchestrators;

    public IReadOnlyDictionary<string, ActivityDefinition> Activities => activities;

    public OrchestrationCatalog AddOrchestrator(string name, Func<IOrchestrationContext, Task<object?>> run)
    {
        orchestrators.Add(name, run);
        return this;
    }

    public OrchestrationCatalog AddActivity<TInput, TOutput>(string name, Func<TInput, CancellationToken, Task<TOutput>> run)
    {
        activities.Add(name, new ActivityDefinition(name, async (input, cancellationToken) =>
        {
            var typed = input is { } json ? json.Deserialize<TInput>(PipelineJson.Options) : default;
            var result = await run(typed!, cancellationToken).ConfigureAwait(false);
            return JsonSerializer.SerializeToElement(result, PipelineJson.Options);
        }));
        return this;
    }
}

/// <param name="Run">Input and output as JSON. Can run more than once for one call, so it must be idempotent.</param>
public sealed record ActivityDefinition(string Name, Func<JsonElement?, CancellationToken, Task<JsonElement>> Run);
