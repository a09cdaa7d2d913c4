using Pipeline.Incidents;

namespace Pipeline.Escalation;

/// <summary>One level of a ladder, as it was when the escalation began: a later change of the configuration doesn't move it.</summary>
/// <param name="Targets">People's ids. A level without any is passed over, not waited for.</param>
public sealed record EscalationRung(string Name, IReadOnlyList<string> Targets, TimeSpan Timeout);

/// <param name="Repeat">How often it starts again after its last level timed out.</param>
/// <param name="TimeoutBySeverity">Where a severity has another wait than the level's own.</param>
/// <param name="Pages">The severities that wake anybody.</param>
public sealed record EscalationLadder(
    string Policy,
    IReadOnlyList<EscalationRung> Rungs,
    int Repeat,
    IReadOnlyDictionary<Severity, TimeSpan> TimeoutBySeverity,
    IReadOnlyList<Severity> Pages);

/// <param name="Pass">0 for the first climb, 1 for the first repetition.</param>
/// <param name="Level">Index into <see cref="EscalationLadder.Rungs"/>.</param>
public sealed record EscalationPosition(int Pass, int Level)
{
    public static EscalationPosition Start { get; } = new(0, 0);
}

public enum EscalationOutcome
{
    /// <summary>Page this level and wait.</summary>
    Page,

    /// <summary>Every level of every pass was paged and nobody answered.</summary>
    Exhausted,

    /// <summary>The ladder names nobody at all.</summary>
    NobodyToPage,

    /// <summary>Nobody of this level can be reached; on to the next at once.</summary>
    Unreachable,

    Acknowledged,
    Resolved,

    /// <summary>The severity was lowered to one that wakes nobody.</summary>
    NoLongerPages,

    /// <summary>A newer escalation of the incident took over.</summary>
    Superseded,
}

/// <param name="Position">Where to page; null where it ends.</param>
/// <param name="Wait">For an acknowledgement before the next step.</param>
public sealed record EscalationStep(EscalationOutcome Outcome, EscalationPosition? Position = null, EscalationRung? Rung = null, TimeSpan Wait = default);

/// <summary>Decides whom to page next. The seeds' ladder is primary 5 min, secondary 10, manager 15, director.</summary>
public static class EscalationPlan
{
    /// <summary>The step at or after <paramref name="position"/>; levels without targets are passed over at once.</summary>
    public static EscalationStep Next(EscalationLadder ladder, EscalationPosition position, Severity severity)
    {
        if (ladder.Rungs.All(rung => rung.Targets.Count == 0))
        {
            return new EscalationStep(EscalationOutcome.NobodyToPage);
        }

        var (pass, level) = (position.Pass, position.Level);
        while (true)
        {
            if (level >= ladder.Rungs.Count)
            {
                pass++;
                level = 0;
            }

            if (pass > ladder.Repeat)
            {
                return new EscalationStep(EscalationOutcome.Exhausted);
            }

            var rung = ladder.Rungs[level];
            if (rung.Targets.Count > 0)
            {
                return new EscalationStep(EscalationOutcome.Page, new EscalationPosition(pass, level), rung, WaitAt(ladder, rung, severity));
            }

            level++;
        }
    }

    public static EscalationPosition After(EscalationPosition position) => position with { Level = position.Level + 1 };

    /// <summary>What an event means to a running escalation; null where it only goes on, perhaps with another severity.</summary>
    public static EscalationOutcome? OutcomeOf(EscalationLadder ladder, IncidentSignalKind kind, Severity severity) => kind switch
    {
        IncidentSignalKind.SeverityLowered when !ladder.Pages.Contains(severity) => EscalationOutcome.NoLongerPages,
        IncidentSignalKind.Acknowledged => EscalationOutcome.Acknowledged,
        IncidentSignalKind.Resolved or IncidentSignalKind.Closed => EscalationOutcome.Resolved,
        _ => null,
    };

    /// <summary>When the present wait ends after the severity changed: a rise can shorten it, nothing lengthens it.</summary>
    public static DateTimeOffset DueAfterSeverityChange(
        EscalationLadder ladder, EscalationRung rung, Severity severity, DateTimeOffset pagedAt, DateTimeOffset due)
    {
        var again = pagedAt + WaitAt(ladder, rung, severity);
        return again < due ? again : due;
    }

    private static TimeSpan WaitAt(EscalationLadder ladder, EscalationRung rung, Severity severity) =>
        ladder.TimeoutBySeverity.TryGetValue(severity, out var wait) ? wait : rung.Timeout;
}
