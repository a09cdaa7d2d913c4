using System.Text.Json;

namespace Pipeline.Tests.Support;

/// <summary>A request as it arrived.</summary>
/// <param name="SignatureIsValid">Null where the far end knows no secret.</param>
/// <param name="AnsweredStatus">0 for a request that got no answer.</param>
public sealed record WebhookRequest(
    DateTimeOffset ArrivedAt,
    string Path,
    IReadOnlyDictionary<string, string> Headers,
    string Body,
    bool? SignatureIsValid,
    int AnsweredStatus)
{
    public string IdempotencyKey => Headers.GetValueOrDefault("Idempotency-Key", string.Empty);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>A text field of the body, or null.</summary>
    public string? Field(string name) => Json.TryGetProperty(name, out var value) ? value.GetString() : null;

    public bool IsTaken => AnsweredStatus is >= 200 and <= 299;
}
