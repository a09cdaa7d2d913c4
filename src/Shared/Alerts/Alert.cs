using System.Text.Json;

namespace Pipeline.Alerts;

public enum AlertStatus
{
    Firing,
    Resolved,
}

/// <summary>One alert as it was received, in the same shape whatever its source. Its identity is its labels: <see cref="Fingerprint"/>.</summary>
public sealed record Alert
{
    /// <summary>Alertmanager's fingerprint of <see cref="Labels"/>: FNV-1a 64, 16 lower-case hex digits.</summary>
    public required string Fingerprint { get; init; }

    public required AlertStatus Status { get; init; }

    /// <summary>
    /// Names to values; empty values are left out, as Alertmanager does. Values of an alert that is larger than a
    /// message are cut here;
    /// <see cref="Fingerprint"/> is that of the whole ones.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>Never after <see cref="ReceivedAt"/>.</summary>
    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>
    /// The start as sent, where it lay after the time of receipt, or after the end of a resolve. The earlier of the two is
    /// <see cref="StartsAt"/> then. It names the episode: see <see cref="EpisodeStartsAt"/>.
    /// </summary>
    public DateTimeOffset? SentStartsAt { get; init; }

    /// <summary>
    /// When it ended (resolved), or until when it counts as firing unless it is sent again (Prometheus). Null where the sender gave none.
    /// </summary>
    public DateTimeOffset? EndsAt { get; init; }

    public string? GeneratorUrl { get; init; }

    /// <summary>The route it came by: <c>alertmanager</c>, <c>prometheus</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The sender's own address, as a webhook of Alertmanager gives it for its post. Null where none was given.</summary>
    public string? Sender { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Fields of the sender's that have no place above. Null where there are none.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Extra { get; init; }

    /// <summary>
    /// What was odd about it as sent, and how it was taken; at most one of a kind. Null where nothing was.
    /// </summary>
    public IReadOnlyList<AlertMending>? Mendings { get; init; }

    /// <summary>The start as sent, which all repeats of one episode share.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateTimeOffset EpisodeStartsAt => SentStartsAt ?? StartsAt;

    /// <summary>The label <c>alertname</c>, or an empty string.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Name => Labels.GetValueOrDefault("alertname", "");
}
