using System.Text.Json;
using Pipeline.Runtime;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Orchestration;

/// <summary>How values stand in the orchestration tables: JSON as text, times as UTC ticks so that nothing is rounded.</summary>
internal static class OrchestrationRows
{
    public const string StillRunning = "status IN ('Pending', 'Running')";

    public static string? Text(JsonElement? value) => value?.GetRawText();

    public static string Text<T>(T value) => JsonSerializer.Serialize(value, PipelineJson.Options);

    public static T Parse<T>(string text) =>
        JsonSerializer.Deserialize<T>(text, PipelineJson.Options) ?? throw new JsonException($"Expected a {typeof(T).Name}, found null.");

    public static JsonElement? Json(SqliteRow row, int column) => row.IsDBNull(column) ? null : Parse<JsonElement>(row.GetString(column));
}
