namespace Pipeline.Incidents;

/// <summary>Why a failure's page is held back, or isn't.</summary>
public enum SuppressionReason
{
    /// <summary>Nobody was paged for the like before.</summary>
    NeverPaged,

    /// <summary>Somebody was, too long ago.</summary>
    CooldownOver,

    /// <summary>What was paged for isn't over: this is another failure beside it, and who has that one hasn't this one.</summary>
    FailsBeside,

    /// <summary>It is worse than what was paged for, as that was judged last.</summary>
    MoreSevere,

    /// <summary>Somebody was paged for it a short while ago (the reference seed's cooldown).</summary>
    Cooldown,
}

/// <param name="Until">Nobody is paged before; if it still fires then, somebody is. Null: at once.</param>
public readonly record struct SuppressionDecision(SuppressionReason Reason, DateTimeOffset? Until = null);

/// <summary>The last page for a failure with the same title in the same place.</summary>
/// <param name="Severity">Of the incident that was paged for, as it is now.</param>
/// <param name="IsBeside">That incident is open, and another than the one that takes the failure in.</param>
public readonly record struct LastPage(DateTimeOffset At, Severity Severity, bool IsBeside);

/// <summary>Second stage: who needn't be woken for this. Suppression holds pages back; it never drops an alert.</summary>
public static class Suppression
{
    /// <param name="page">Null where there was none.</param>
    /// <param name="severity">What the failure calls for.</param>
    public static SuppressionDecision Decide(LastPage? page, Severity severity, DateTimeOffset now, TimeSpan cooldown)
    {
        if (page is not { } last)
        {
            return new SuppressionDecision(SuppressionReason.NeverPaged);
        }

        var until = last.At + cooldown;
        if (until <= now)
        {
            return new SuppressionDecision(SuppressionReason.CooldownOver);
        }

        if (last.IsBeside)
        {
            return new SuppressionDecision(SuppressionReason.FailsBeside);
        }

        return severity.IsWorseThan(last.Severity)
            ? new SuppressionDecision(SuppressionReason.MoreSevere)
            : new SuppressionDecision(SuppressionReason.Cooldown, until);
    }

    /// <summary>Returns the decision for failures that come together: one that isn't held pages for all, and the first hold to end ends it for all.</summary>
    public static SuppressionDecision Together(IReadOnlyCollection<SuppressionDecision> decisions) => decisions
        .OrderBy(decision => decision.Until ?? DateTimeOffset.MinValue)
        .DefaultIfEmpty(new SuppressionDecision(SuppressionReason.NeverPaged))
        .First();
}
