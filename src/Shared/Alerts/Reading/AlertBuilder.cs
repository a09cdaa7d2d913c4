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

    public readonly bool TakesTexts => true;

    public void Begin()
    {
        labels = new Dictionary<string, string>(StringComparer.Ordinal);
        annotations = null;
        extra = null;
        generatorUrl = null;
    }

    public void Name(ref readonly Utf8JsonReader json) => name = json.GetString()!;

    public void Name(string text) => name = text;

    public readonly void Label(ref readonly Utf8JsonReader json) => Label(json.GetString()!);

    public readonly void Label(string text) => labels![name] = text;

    public void Annotation(ref readonly Utf8JsonReader json) => Annotation(json.GetString()!);

    public void Annotation(string text) => (annotations ??= new(StringComparer.Ordinal))[name] = text;

    public void GeneratorUrl(ref readonly Utf8JsonReader json) => generatorUrl = json.ValueSpan.IsEmpty ? null : json.GetString();

    public void Extra(ReadOnlySpan<byte> value) => (extra ??= new(StringComparer.Ordinal))[name] = JsonElement.Parse(value);

    public readonly void End(int index, in AlertTimes times, bool fits, IReadOnlyList<AlertMending>? mendings)
    {
        var alert = new Alert
        {
            Fingerprint = Fingerprint.Of(labels!),
            Status = times.Status,
            Labels = labels!,
            Annotations = annotations ?? None,
            StartsAt = times.StartsAt,
            SentStartsAt = times.SentStartsAt,
            EndsAt = times.EndsAt,
            GeneratorUrl = generatorUrl,
            Source = source,
            ReceivedAt = receivedAt,
            Extra = extra,
            Mendings = mendings,
        };
        take(index, fits ? alert : AlertCut.ToFit(alert));
    }
}
