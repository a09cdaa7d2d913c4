using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Incidents;

/// <summary>How bad it is, by the seeds' four levels. A lower number is worse.</summary>
[JsonConverter(typeof(SeverityJsonConverter))]
public enum Severity
{
    Sev1 = 1,
    Sev2 = 2,
    Sev3 = 3,
    Sev4 = 4,
}

public static class Severities
{
    public static IReadOnlyList<Severity> All { get; } = [Severity.Sev1, Severity.Sev2, Severity.Sev3, Severity.Sev4];

    /// <summary><c>SEV-1</c> … <c>SEV-4</c>: the one spelling that the program writes.</summary>
    public static string Text(this Severity severity) => severity switch
    {
        Severity.Sev1 => "SEV-1",
        Severity.Sev2 => "SEV-2",
        Severity.Sev3 => "SEV-3",
        _ => "SEV-4",
    };

    public static bool IsWorseThan(this Severity severity, Severity other) => severity < other;

    public static Severity Worse(Severity one, Severity other) => one < other ? one : other;

    /// <summary>Reads <c>SEV-2</c>, <c>sev2</c>, <c>SEV 2</c> and <c>sev_2</c>. What words like <c>critical</c> mean is configuration.</summary>
    public static bool TryParse(string? text, out Severity severity)
    {
        severity = Severity.Sev4;
        var trimmed = text.AsSpan().Trim();
        if (!trimmed.StartsWith("sev", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var number = trimmed[3..].TrimStart(" -_");
        if (number.Length != 1 || number[0] is < '1' or > '4')
        {
            return false;
        }

        severity = (Severity)(number[0] - '0');
        return true;
    }
}

internal sealed class SeverityJsonConverter : JsonConverter<Severity>
{
    public override Severity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, Severity value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text());

    public override Severity ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    public override void WriteAsPropertyName(Utf8JsonWriter writer, Severity value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Text());

    private static Severity Parse(string? text) =>
        Severities.TryParse(text, out var severity) ? severity : throw new JsonException($"'{text}' is no severity; expected SEV-1 to SEV-4.");
}
