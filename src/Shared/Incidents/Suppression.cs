namespace Pipeline.Incidents;

public enum SuppressionReason
{
    None,

    /// <summary>The same alerts were paged for a short while ago (the reference seed's cooldown).</summary>
    Cooldown,
}

/// <param name="Until">Nobody is paged before; if it still fires then, somebody is.</param>
public readonly record struct SuppressionDecision(SuppressionReason Reason, DateTimeOffset? Until)
{
    public static SuppressionDecision None => new(SuppressionReason.None, null);
}

/// <summary>Second stage: who needn't be woken for this. Suppression holds pages back; it never drops an alert.</summary>
public static class Suppression
{
    /// <param name="lastPagedAt">When the incident that had these alerts was last paged for; null where it never was.</param>
    /// <param name="onlyKnownAlerts">Everything that fires now had fired in that incident before.</param>
    /// <param name="severityRose">It is worse than it was.</param>
    public static SuppressionDecision Decide(
        DateTimeOffset? lastPagedAt, bool onlyKnownAlerts, bool severityRose, DateTimeOffset now, TimeSpan cooldown)
    {
        if (lastPagedAt is not { } paged || !onlyKnownAlerts || severityRose)
        {
            return SuppressionDecision.None;
        }

        var until = paged + cooldown;
        return until > now ? new SuppressionDecision(SuppressionReason.Cooldown, until) : SuppressionDecision.None;
    }
}
