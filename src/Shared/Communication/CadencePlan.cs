using Pipeline.Incidents;

namespace Pipeline.Communication;

/// <summary>
/// When stakeholders are owed an update, and when its author is reminded. The reference seed: SEV-1 every 30 min, SEV-2 every hour,
/// SEV-3 every 2 to 4 h, SEV-4 at start and resolution.
/// </summary>
public static class CadencePlan
{
    /// <summary>A nudge an hour is written down, with the default of one every 10 min.</summary>
    public const int NudgesPerTimelineEntry = 6;

    /// <summary>A day of nudges by default. Whoever ignored that many won't hear the next one; the overdue update stays visible.</summary>
    public const int MaxNudges = 144;

    /// <summary>The final update is reminded of after the severity's interval, or this long where it has none.</summary>
    public static readonly TimeSpan FinalReminderWithoutClock = TimeSpan.FromHours(4);

    /// <param name="begun">The opening or reopening.</param>
    /// <param name="startedAt">When the round began.</param>
    public static CadenceState Start(string incidentId, IncidentEvent begun, DateTimeOffset startedAt, CadenceTimes times) => new()
    {
        IncidentId = incidentId,
        Round = begun.Round,
        Times = times,
        Severity = begun.Severity,
        SeverityAt = begun.At,
        ClockFrom = startedAt,
        DueAt = startedAt + times.Interval(begun.Severity),
        UpdatesBefore = begun.Updates,
        Updates = begun.Updates,
    };

    /// <summary>The cadence of an open incident's present round, where the one that it began with was lost.</summary>
    public static CadenceState Resume(Incident incident, CadenceTimes times)
    {
        var lastUpdate = incident.LastUpdateAt > incident.RoundStartedAt ? incident.LastUpdateAt : null;
        var from = lastUpdate ?? incident.RoundStartedAt;
        return new CadenceState
        {
            IncidentId = incident.Id,
            Round = incident.Round,
            Times = times,
            Severity = incident.Severity,
            SeverityAt = incident.RoundStartedAt,
            ClockFrom = from,
            DueAt = DueAfter(from, incident.Severity, times),
            UpdatesBefore = incident.UpdateCount - (lastUpdate is null ? 0 : 1),
            Updates = incident.UpdateCount,
        };
    }

    /// <summary>What happened to the incident. Safe to apply twice and in another order.</summary>
    public static CadenceState Apply(CadenceState state, IncidentEvent happened) => happened.Kind switch
    {
        IncidentSignalKind.UpdatePosted when happened.Updates > state.Updates => ApplyUpdate(state, happened),
        IncidentSignalKind.SeverityRaised or IncidentSignalKind.SeverityLowered when happened.At >= state.SeverityAt => ApplySeverity(state, happened),
        IncidentSignalKind.Resolved when state.ResolvedAt is null =>
            state with { ResolvedAt = happened.At, Updates = Math.Max(state.Updates, happened.Updates) },
        IncidentSignalKind.Reopened when happened.Round > state.Round => state with { End = CadenceEnd.Reopened },
        _ => state,
    };

    public static CadenceStep Next(CadenceState state, DateTimeOffset now) => state switch
    {
        { End: { } reason } => new CadenceStep.Ended(reason),
        { ResolvedAt: { } resolvedAt, FinalReminderAt: null } => new CadenceStep.FinalOwed(resolvedAt),
        { FinalReminderAt: { } again } => new CadenceStep.FinalReminder(again),
        { DueAt: { } due } => NextByClock(state, due, now),
        { Reminded: false } when state.Updates == state.UpdatesBefore => new CadenceStep.Remind(state.ClockFrom),
        _ => new CadenceStep.Rest(),
    };

    /// <param name="now">When the step was taken, which is later than planned where the program was down.</param>
    /// <param name="decision">What came of the step's message.</param>
    public static CadenceState After(
        CadenceState state, CadenceStep step, DateTimeOffset now, CadenceDecision decision = CadenceDecision.Tell) => step switch
    {
        CadenceStep.FinalOwed when decision == CadenceDecision.NobodyConcerned => state with { End = CadenceEnd.NothingOwed },
        CadenceStep.Remind => state with { Reminded = true },
        CadenceStep.Due due => state with { Reminded = true, LastNudge = NudgesUntil(state, due.Time, now) },
        CadenceStep.Nudge nudge => state with { LastNudge = nudge.Number },
        CadenceStep.FinalOwed owed => state with { FinalReminderAt = FinalReminderAt(state, owed.Time, now) },
        CadenceStep.FinalReminder => state with { End = CadenceEnd.FinalUpdateMissing },
        _ => state,
    };

    /// <summary>When the update after one posted at <paramref name="postedAt"/> is due; null where the severity has no clock.</summary>
    public static DateTimeOffset? DueAfter(DateTimeOffset postedAt, Severity severity, CadenceTimes times) => postedAt + times.Interval(severity);

    private static CadenceState ApplyUpdate(CadenceState state, IncidentEvent posted)
    {
        var next = state with
        {
            Updates = posted.Updates,
            ClockFrom = posted.At,
            DueAt = DueAfter(posted.At, state.Severity, state.Times),
            Reminded = false,
            LastNudge = null,
        };
        return state.ResolvedAt is null ? next : next with { End = CadenceEnd.FinalUpdatePosted };
    }

    private static CadenceState ApplySeverity(CadenceState state, IncidentEvent changed)
    {
        var next = state with { Severity = changed.Severity, SeverityAt = changed.At };
        if (changed.Severity == state.Severity)
        {
            return next;
        }

        if (state.Times.Interval(changed.Severity) is not { } interval)
        {
            return next with { DueAt = null, Reminded = false, LastNudge = null };
        }

        // A rise may find the shorter interval over already: nobody is late before there was time to write.
        var due = Later(state.ClockFrom + interval, changed.At + state.Times.Lead(interval));
        return next with { DueAt = due, Reminded = false, LastNudge = null };
    }

    private static CadenceStep NextByClock(CadenceState state, DateTimeOffset due, DateTimeOffset now)
    {
        if (state.LastNudge is not { } last)
        {
            return state.Reminded || now >= due ? new CadenceStep.Due(due) : new CadenceStep.Remind(due - LeadOf(state));
        }

        if (last >= MaxNudges)
        {
            return new CadenceStep.Rest();
        }

        // Counted from the due time: where ticks were missed, one nudge stands for them all and the next comes at its own time.
        var number = Math.Max(last + 1, NudgesUntil(state, due, now));
        var isOnTimeline = number / NudgesPerTimelineEntry > last / NudgesPerTimelineEntry;
        return new CadenceStep.Nudge(due + (state.Times.NudgeEvery * number), number, isOnTimeline);
    }

    private static int NudgesUntil(CadenceState state, DateTimeOffset due, DateTimeOffset now) =>
        now <= due ? 0 : (int)Math.Min(MaxNudges, (now - due) / state.Times.NudgeEvery);

    private static TimeSpan LeadOf(CadenceState state) =>
        state.Times.Interval(state.Severity) is { } interval ? state.Times.Lead(interval) : state.Times.RemindBefore;

    private static DateTimeOffset FinalReminderAt(CadenceState state, DateTimeOffset resolvedAt, DateTimeOffset now)
    {
        var interval = state.Times.Interval(state.Severity) ?? FinalReminderWithoutClock;
        return Later(resolvedAt + interval, now + state.Times.Lead(interval));
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
