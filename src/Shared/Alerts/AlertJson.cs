using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Runtime;

namespace Pipeline.Alerts;

/// <summary>An alert as the body of a queue message: the same JSON as <see cref="PipelineJson"/> writes, without reflection.</summary>
public static class AlertJson
{
    private static readonly JsonTypeInfo<Alert> TypeInfo = (JsonTypeInfo<Alert>)Options().GetTypeInfo(typeof(Alert));

    public static byte[] Write(Alert alert) => JsonSerializer.SerializeToUtf8Bytes(alert, TypeInfo);

    /// <summary>Throws <see cref="JsonException"/> for anything else than an alert.</summary>
    public static Alert Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, TypeInfo) ?? throw new JsonException("Expected an alert, found null.");

    /// <summary>The context's, with the one setting that its attribute can't carry.</summary>
    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions(AlertJsonContext.Default.Options) { Encoder = PipelineJson.Options.Encoder };
        options.MakeReadOnly();
        return options;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(AlertStatusJsonConverter)])]
[JsonSerializable(typeof(Alert))]
internal sealed partial class AlertJsonContext : JsonSerializerContext;

internal sealed class AlertStatusJsonConverter() : JsonStringEnumConverter<AlertStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
