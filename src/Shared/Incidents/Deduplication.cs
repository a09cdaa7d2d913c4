using Pipeline.Alerts;

namespace Pipeline.Incidents;

/// <summary>What an alert message is, against what its incident knows of that alert.</summary>
public enum AlertNews
{
    /// <summary>A message that was applied before, or is older than one that was.</summary>
    AlreadyApplied,

    /// <summary>An alert that the incident doesn't have.</summary>
    New,

    /// <summary>It still fires, or is still resolved: counted, nothing else.</summary>
    Repeat,

    /// <summary>It fires again after its resolve, or with a later start: its resolve in between was not seen.</summary>
    Refired,

    /// <summary>It recovered.</summary>
    Recovered,

    /// <summary>A resolve of an alert that nobody saw firing.</summary>
    ResolveWithoutFiring,

    /// <summary>A late resolve of an earlier episode; the present one goes on.</summary>
    ResolveOfEarlierEpisode,

    /// <summary>The very resolve that was applied before; what fired since goes on.</summary>
    ResolveAgain,

    /// <summary>It recovered for one sender, while another still has it firing.</summary>
    FiresElsewhere,
}

/// <summary>First stage: the same thing said twice is one thing. Identity is the fingerprint; an episode is named by its start.</summary>
public static class Deduplication
{
    /// <summary>Between the clocks of two processes that receive alerts; a lower sequence overrules a higher one only beyond it.</summary>
    public static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(1);

    /// <param name="sequence">
    /// Of the message in its queue. A queue that was made anew counts from 1 again, so it isn't enough: what was received clearly after all that is known is news.
    /// </param>
    public static AlertNews Decide(IncidentAlert? known, Alert alert, long sequence)
    {
        if (known is null)
        {
            return alert.Status == AlertStatus.Firing ? AlertNews.New : AlertNews.ResolveWithoutFiring;
        }

        if (sequence <= known.LastSequence && alert.ReceivedAt <= known.LastSeenAt + MaxClockDifference)
        {
            return AlertNews.AlreadyApplied;
        }

        return alert.Status == AlertStatus.Firing ? Firing(known, alert) : Resolve(known, alert);
    }

    // A later start alone is no new episode: of two Prometheus replicas each has its own. It must lie after the alert was last heard of,
    // and be new: a start that lies ahead of our clock is no news each time it is repeated.
    // A firing after the resolve is a new failure even with the old start: Prometheus keeps the start over an outage of its own,
    // and Alertmanager resolves by timeout meanwhile. Taking it for an echo would swallow the failure.
    private static AlertNews Firing(IncidentAlert known, Alert alert) =>
        known.Status == IncidentAlertStatus.Resolved || (alert.StartsAt > known.LastSeenAt && HasOwnStart(alert) && IsLaterEpisode(known, alert))
            ? AlertNews.Refired
            : AlertNews.Repeat;

    // A start that was ahead of its receipt comes to lie after the last one when the time has come: it is still the same.
    private static bool IsLaterEpisode(IncidentAlert known, Alert alert) =>
        alert.StartsAt > (known.LatestStartsAt ?? known.StartsAt) && !known.History.KnowsStart(alert.EpisodeStartsAt);

    // A sender that gives no start, or one that lies ahead, says nothing of a new episode: the time of receipt stands in, and is later each time.
    private static bool HasOwnStart(Alert alert) => alert.StartsAt != alert.ReceivedAt;

    private static AlertNews Resolve(IncidentAlert known, Alert alert)
    {
        if (known.Status == IncidentAlertStatus.Resolved)
        {
            return AlertNews.Repeat;
        }

        // Prometheus repeats a resolve for 15 minutes, in which the alert may have begun anew, with a later start or for another replica.
        if (alert.EpisodeStartsAt < known.StartsAt && alert.EndsAt < known.StartsAt)
        {
            return AlertNews.ResolveOfEarlierEpisode;
        }

        if (known.History.WasApplied(alert.EpisodeStartsAt, alert.EndsAt))
        {
            return AlertNews.ResolveAgain;
        }

        return known.History.FiresElsewhere(alert.EpisodeStartsAt, alert.EndsAt, alert.ReceivedAt)
            ? AlertNews.FiresElsewhere
            : AlertNews.Recovered;
    }
}
