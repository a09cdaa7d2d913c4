using Pipeline.Hosting;
using Pipeline.Incidents;

namespace Pipeline.Communication;

/// <summary>The configured times an incident began with; a change of the configuration counts from the next round on.</summary>
/// <param name="Every">Time between updates. A severity without an entry has updates at start and end only.</param>
public sealed record CadenceTimes(IReadOnlyDictionary<Severity, TimeSpan> Every, TimeSpan RemindBefore, TimeSpan NudgeEvery)
{
    public static CadenceTimes Of(CadenceConfiguration configuration) => new(configuration.Every, configuration.RemindBefore, configuration.NudgeEvery);

    /// <summary>Null for a severity without a clock.</summary>
    public TimeSpan? Interval(Severity severity) => Every.TryGetValue(severity, out var interval) ? interval : null;

    /// <summary>How long before the due time the reminder comes: half of an interval that is shorter than twice the configured time.</summary>
    public TimeSpan Lead(TimeSpan interval) => interval < RemindBefore * 2 ? interval / 2 : RemindBefore;
}

/// <summary>All that the cadence of one round of an incident knows. What comes of it is decided in <see cref="CadencePlan"/>.</summary>
public sealed record CadenceState
{
    public required string IncidentId { get; init; }

    public required int Round { get; init; }

    public required CadenceTimes Times { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>When the severity was last set; news that are older don't count.</summary>
    public required DateTimeOffset SeverityAt { get; init; }

    /// <summary>What the next update is due from: the last update, or the round's start.</summary>
    public required DateTimeOffset ClockFrom { get; init; }

    /// <summary>When the next update is due; null while there is no clock.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Updates of the incident when the round began.</summary>
    public required int UpdatesBefore { get; init; }

    /// <summary>Updates of the incident so far.</summary>
    public required int Updates { get; init; }

    /// <summary>The reminder of the next update went out.</summary>
    public bool Reminded { get; init; }

    /// <summary>Number of the last nudge, counted from the due time; 0 is the one at the due time. Null before.</summary>
    public int? LastNudge { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>When the final update is reminded of again; null until it was said that it is owed.</summary>
    public DateTimeOffset? FinalReminderAt { get; init; }

    public CadenceEnd? End { get; init; }
}

/// <summary>Why a round's cadence is over.</summary>
public enum CadenceEnd
{
    FinalUpdatePosted,

    /// <summary>It was asked for twice and never came.</summary>
    FinalUpdateMissing,

    /// <summary>The next round has a cadence of its own.</summary>
    Reopened,

    /// <summary>It concerned nobody, so nobody waits for its end.</summary>
    NothingOwed,
}

/// <summary>What is to be done next, and when. A time that has passed means now.</summary>
/// <param name="At">Null: only an event leads on.</param>
public abstract record CadenceStep(DateTimeOffset? At)
{
    /// <summary>Remind of the update that comes due; or, without a clock, that a first update is owed.</summary>
    public sealed record Remind(DateTimeOffset Time) : CadenceStep(Time);

    /// <summary>The update is due and there is none.</summary>
    public sealed record Due(DateTimeOffset Time) : CadenceStep(Time);

    /// <summary>Still none.</summary>
    /// <param name="Number">Intervals since the due time.</param>
    /// <param name="IsOnTimeline">Every nudge is sent; only the first of six is written down, so that the timeline stays readable.</param>
    public sealed record Nudge(DateTimeOffset Time, int Number, bool IsOnTimeline) : CadenceStep(Time);

    /// <summary>Resolved: say that the final update is owed.</summary>
    public sealed record FinalOwed(DateTimeOffset Time) : CadenceStep(Time);

    /// <summary>It still is.</summary>
    public sealed record FinalReminder(DateTimeOffset Time) : CadenceStep(Time);

    public sealed record Rest() : CadenceStep(At: null);

    public sealed record Ended(CadenceEnd Reason) : CadenceStep(At: null);
}
