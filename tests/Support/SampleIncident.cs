using System.Globalization;
using Pipeline.Incidents;

namespace Pipeline.Tests.Support;

/// <summary>Incidents for tests that need only some of their facts. Times are ISO 8601; one without an offset is UTC.</summary>
public static class SampleIncident
{
    /// <param name="started">Null: when it was detected.</param>
    /// <param name="resolved">Null: it is open.</param>
    public static Incident Create(
        long number,
        Severity severity,
        string detected,
        string? started = null,
        string? acknowledged = null,
        string? resolved = null,
        string service = "checkout",
        string? title = null,
        string? commander = null) => new()
        {
            Id = Incident.IdOf(number),
            Number = number,
            Title = title ?? string.Create(CultureInfo.InvariantCulture, $"Trouble {number}"),
            Severity = severity,
            SeverityReason = "label severity",
            Stage = resolved is null ? IncidentStage.Investigating : IncidentStage.Resolved,
            Service = service,
            Environment = "production",
            CorrelationKey = $"{service}/production",
            StartedAt = At(started ?? detected),
            DetectedAt = At(detected),
            AcknowledgedAt = acknowledged is null ? null : At(acknowledged),
            ResolvedAt = resolved is null ? null : At(resolved),
            Commander = commander,
            RoundStartedAt = At(detected),
        };

    public static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
