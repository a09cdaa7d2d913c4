using System.Text.Json;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>Inputs, results and payloads travel as JSON on every host, so that what works on one works on all.</summary>
internal static class OrchestrationValues
{
    /// <summary>The instance ids of Durable Functions have 1 to 100 characters.</summary>
    public const int MaxInstanceIdCharacters = 100;

    public static JsonElement? ToElement(object? value) =>
        value is null ? null : JsonSerializer.SerializeToElement(value, value.GetType(), PipelineJson.Options);

    /// <summary>Throws <see cref="JsonException"/> where the value isn't a <typeparamref name="T"/>.</summary>
    public static T? FromElement<T>(JsonElement? value) =>
        value is { ValueKind: not JsonValueKind.Null and not JsonValueKind.Undefined } json ? json.Deserialize<T>(PipelineJson.Options) : default;

    /// <summary>Throws <see cref="ArgumentException"/> for an id that Durable Functions would refuse.</summary>
    public static void CheckInstanceId(string instanceId, string parameter)
    {
        EntityLimits.CheckKey(instanceId, parameter);
        if (instanceId.Length is 0 or > MaxInstanceIdCharacters)
        {
            throw new ArgumentException(
                $"An instance id has 1 to {MaxInstanceIdCharacters} characters; this one has {instanceId.Length}.", parameter);
        }
    }

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> for a page size that the port doesn't allow.</summary>
    public static void CheckTake(int take)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(take, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(take, 1000);
    }

    /// <param name="found">One more than <paramref name="take"/> where there is a next page.</param>
    public static OrchestrationPage Page(List<OrchestrationInstance> found, int take) => found.Count > take
        ? new(found[..take], found[take - 1].InstanceId)
        : new(found, null);

    public static OrchestrationEnding.Failed UnknownOrchestrator(string name, OrchestrationCatalog catalog) =>
        new("UnknownOrchestrator", $"There is no orchestrator '{name}'. Known: {Names(catalog.Orchestrators.Keys)}.");

    public static OrchestrationEnding.Failed UnknownActivity(string name, OrchestrationCatalog catalog) =>
        new("UnknownActivity", $"There is no activity '{name}'. Known: {Names(catalog.Activities.Keys)}.");

    private static string Names(IEnumerable<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : "none";
}
