using System.Globalization;
using Pipeline.Incidents;

namespace Pipeline.Communication;

public enum CadenceMessage
{
    /// <summary>A severity without a clock: one update at the start.</summary>
    FirstUpdateOwed,
    DueSoon,
    Overdue,
    StillOverdue,
    FinalUpdateOwed,
    FinalUpdateStillOwed,
}

/// <summary>Whether the author is told, decided on the incident as it is when the message would go out.</summary>
public enum CadenceDecision
{
    Tell,

    /// <summary>The update came in the meantime.</summary>
    UpdatePosted,

    Resolved,

    /// <summary>Reopened; the next round counts for itself.</summary>
    OtherRound,

    /// <summary>Its severity has no clock and wakes nobody, and nobody took it: a stream of notes needs no author.</summary>
    NobodyConcerned,
    NoSuchIncident,
}

/// <summary>One message to whoever owes an update: what the orchestration hands to its activity.</summary>
/// <param name="Update">Number of the update that is owed.</param>
/// <param name="DueAt">Null where there is no clock.</param>
/// <param name="Nudge">Intervals since the due time.</param>
/// <param name="IsLast">No nudge follows.</param>
public sealed record CadenceTask(
    string IncidentId,
    int Round,
    CadenceMessage Message,
    int Update,
    DateTimeOffset? DueAt,
    int Nudge,
    bool IsOnTimeline,
    bool IsLast)
{
    /// <summary>Names the step for keys. The due time is in it, since a severity change may set another for the same update.</summary>
    public string Step => Message switch
    {
        CadenceMessage.StillOverdue => string.Create(CultureInfo.InvariantCulture, $"{UpdateDue}.nudge{Nudge}"),
        CadenceMessage.DueSoon => $"{UpdateDue}.soon",
        CadenceMessage.Overdue => $"{UpdateDue}.overdue",
        CadenceMessage.FirstUpdateOwed => "first",
        CadenceMessage.FinalUpdateOwed => "final",
        _ => "final.again",
    };

    public string TimelineKey => string.Create(CultureInfo.InvariantCulture, $"cadence:{Round}:{Step}");

    private string UpdateDue => string.Create(CultureInfo.InvariantCulture, $"update{Update}.{DueAt?.ToUnixTimeMilliseconds()}");

    /// <summary>Null for a step that tells nobody.</summary>
    public static CadenceTask? Of(CadenceState state, CadenceStep step)
    {
        CadenceMessage? message = step switch
        {
            CadenceStep.Remind => state.DueAt is null ? CadenceMessage.FirstUpdateOwed : CadenceMessage.DueSoon,
            CadenceStep.Due => CadenceMessage.Overdue,
            CadenceStep.Nudge => CadenceMessage.StillOverdue,
            CadenceStep.FinalOwed => CadenceMessage.FinalUpdateOwed,
            CadenceStep.FinalReminder => CadenceMessage.FinalUpdateStillOwed,
            _ => null,
        };
        var nudge = step as CadenceStep.Nudge;
        return message is not { } known
            ? null
            : new CadenceTask(
                state.IncidentId,
                state.Round,
                known,
                state.Updates + 1,
                state.DueAt,
                nudge?.Number ?? 0,
                IsOnTimeline: nudge?.IsOnTimeline ?? true,
                IsLast: nudge?.Number >= CadencePlan.MaxNudges);
    }

    /// <param name="wakes">The incident's severity wakes somebody by its service's policy.</param>
    public CadenceDecision Decide(Incident incident, bool wakes)
    {
        if (incident.Round != Round)
        {
            return CadenceDecision.OtherRound;
        }

        if (incident.UpdateCount >= Update)
        {
            return CadenceDecision.UpdatePosted;
        }

        if (DueAt is null && !wakes && incident is { Commander: null, UpdateCount: 0 })
        {
            return CadenceDecision.NobodyConcerned;
        }

        var isFinal = Message is CadenceMessage.FinalUpdateOwed or CadenceMessage.FinalUpdateStillOwed;
        return isFinal || incident.IsOpen ? CadenceDecision.Tell : CadenceDecision.Resolved;
    }
}
