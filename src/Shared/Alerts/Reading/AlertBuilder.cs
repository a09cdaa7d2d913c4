using System.Text.Json;

namespace Pipeline.Alerts.Reading;

/// <summary>Builds the alerts and hands them over.</summary>
internal struct AlertBuilder(string source, DateTimeOffset receivedAt, Action<int, Alert> take) : IAlertSink
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(StringComparer.Ordinal).AsReadOnly();

    private Dictionary<string, string>? labels;
    private Dictionary<string, string>? annotations;
    private Dictionary<string, JsonElement>? extra;
    private string? generatorUrl;
    private string name = "";

    public void Begin()
    {
        labels = new Dictionary<string, string>(StringComparer.Ordinal);
        annotations = null;
        extra = null;
        generatorUrl = null;
    }

    public void Name(ref readonly Utf8JsonReader json) => name = json.GetString()!;

    public readonly void Label(ref readonly Utf8JsonReader json) => labels![name] = json.GetString()!;

    public void Annotation(ref readonly Utf8JsonReader json) => (annotations ??= new(StringComparer.Ordinal))[name] = json.GetString()!;

    public void GeneratorUrl(ref readonly Utf8JsonReader json) => generatorUrl = json.ValueSpan.IsEmpty ? null : json.GetString();

    public void Extra(ReadOnlySpan<byte> value) => (extra ??= new(StringComparer.Ordinal))[name] = JsonElement.Parse(value);

    public readonly void End(int index, in AlertTimes times) => take(index, new Alert
    {
        Fingerprint = Fingerprint.Of(labels!),
        Status = times.Status,
        Labels = labels!,
        Annotations = annotations ?? None,
        StartsAt = times.StartsAt,
        EndsAt = times.EndsAt,
        GeneratorUrl = generatorUrl,
        Source = source,
        ReceivedAt = receivedAt,
        Extra = extra,
    });
}
