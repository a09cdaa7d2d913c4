namespace Pipeline.Incidents;

/// <summary>An incident's signal on its way to a running orchestration, as the external event <see cref="EventName"/>.</summary>
/// <param name="Id">The signal's; an event that comes twice is applied once.</param>
/// <param name="Severity">The incident's when the signal was told, which can be newer than the signal.</param>
/// <param name="Round">The incident's round when it happened. A reopening begins the round it names.</param>
/// <param name="Updates">Stakeholder updates of the incident up to and including this signal.</param>
public sealed record IncidentEvent(
    string Id,
    IncidentSignalKind Kind,
    DateTimeOffset At,
    Severity Severity,
    string? By,
    string? Note,
    int Round,
    int Updates)
{
    /// <summary>The name under which orchestrations wait for it.</summary>
    public const string EventName = "incident";

    /// <summary>
    /// The head may be ahead of the signal where several are told at once; updates posted after the signal are counted back.
    /// </summary>
    public static IncidentEvent Of(Incident incident, IncidentSignal signal) => new(
        signal.Id,
        signal.Kind,
        signal.At,
        incident.Severity,
        signal.By,
        signal.Note,
        signal.Round,
        incident.UpdateCount - incident.Signals.SkipWhile(other => other.Id != signal.Id).Skip(1).Count(other => other.Kind == IncidentSignalKind.UpdatePosted));
}
