namespace Pipeline.Incidents.Alertmanagers;

/// <summary>What an Alertmanager's answer says of an alert that wasn't heard of for a while.</summary>
public enum AskedAnswer
{
    /// <summary>It fires there.</summary>
    Fires,

    /// <summary>It fires there, and a silence or an inhibition keeps it from being sent.</summary>
    Suppressed,

    /// <summary>Alertmanager hasn't got it, for the first time or too soon after that: asked again.</summary>
    Missing,

    /// <summary>Alertmanager hasn't got it, asked twice: it recovered.</summary>
    Gone,

    /// <summary>Alertmanager hasn't got it, and was started after the alert was heard of: it may have forgotten it.</summary>
    Unproven,
}

/// <summary>
/// Decides what becomes of an alert of which no word came. Alertmanager sends no resolve of what was silenced when it ended, so only asking
/// tells that it is over. Silence is not recovery: what Alertmanager may merely have forgotten isn't over.
/// </summary>
public static class AskedAlert
{
    /// <summary>An alert that was heard of more recently isn't asked about.</summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromMinutes(10);

    /// <summary>Between two askings, and so between the two that prove a recovery: longer than Prometheus's resends take to fill an Alertmanager again.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromMinutes(5);

    /// <summary>An Alertmanager that was started just now hasn't heard of everything yet.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(5);

    /// <summary>Between Alertmanager's clock, which its start is told by, and ours.</summary>
    public static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(1);

    public static bool IsQuiet(IncidentAlert alert, DateTimeOffset now) =>
        alert.Status != IncidentAlertStatus.Resolved && now - alert.LastSeenAt >= QuietFor;

    /// <param name="has">What Alertmanager has of it; null where nothing.</param>
    /// <param name="startedAt">Since when that Alertmanager runs.</param>
    public static AskedAnswer Decide(IncidentAlert alert, AlertmanagerAlert? has, DateTimeOffset startedAt, DateTimeOffset now)
    {
        if (has is { } there)
        {
            return there.IsSuppressed ? AskedAnswer.Suppressed : AskedAnswer.Fires;
        }

        var lastKnown = alert.Asked?.FiringAt > alert.LastSeenAt ? alert.Asked.FiringAt.Value : alert.LastSeenAt;
        if (startedAt > lastKnown - MaxClockDifference || now - startedAt < WarmUp + MaxClockDifference)
        {
            return AskedAnswer.Unproven;
        }

        return alert.Asked?.MissingSince is { } since && now - since >= AskEvery ? AskedAnswer.Gone : AskedAnswer.Missing;
    }

    /// <summary>Returns the alert after the answer; null where nothing changes that has to be written.</summary>
    /// <param name="refresh">What fires on is written down again after so long, so that it doesn't become stale.</param>
    public static IncidentAlert? After(IncidentAlert alert, AskedAnswer answer, DateTimeOffset now, TimeSpan refresh)
    {
        var before = alert.Asked ?? new AskedState();
        switch (answer)
        {
            case AskedAnswer.Gone:
                return alert with { Status = IncidentAlertStatus.Resolved, EndsAt = now, Asked = null };
            case AskedAnswer.Missing:
                return before.MissingSince is null ? alert with { Asked = before with { MissingSince = now } } : null;
            case AskedAnswer.Unproven:
                return before.MissingSince is null ? null : alert with { Asked = before with { MissingSince = null } };
            default:
                var after = new AskedState(now, IsSuppressed: answer == AskedAnswer.Suppressed);
                var isKnown = alert.Status == IncidentAlertStatus.Firing && before.IsSuppressed == after.IsSuppressed
                    && before.MissingSince is null && now - before.FiringAt < refresh;
                return isKnown ? null : alert with { Status = IncidentAlertStatus.Firing, Asked = after };
        }
    }
}

/// <summary>What was found out about an alert by asking, since it was last heard of.</summary>
/// <param name="FiringAt">When Alertmanager last said that it fires; null where it hasn't.</param>
/// <param name="IsSuppressed">It said that a silence or an inhibition holds it back.</param>
/// <param name="MissingSince">When Alertmanager first hadn't got it; null while it has.</param>
public sealed record AskedState(DateTimeOffset? FiringAt = null, bool IsSuppressed = false, DateTimeOffset? MissingSince = null);
