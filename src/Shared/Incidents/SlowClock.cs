using Pipeline.Alerts;

namespace Pipeline.Incidents;

public enum EndReading
{
    /// <summary>The alert is what it says, as far as anybody knows.</summary>
    AsSent,

    /// <summary>The end moved on as fast as the time; too seldom yet to tell.</summary>
    Advances,

    /// <summary>It did so again: the alert fires, and its sender's clock is slow.</summary>
    FiresByASlowClock,

    /// <summary>
    /// It moved on as fast as the time, but is the time of its sending, or one of a sender that names no end while the
    /// alert fires: somebody says again and again that the alert is over.
    /// </summary>
    EndsAgain,
}

/// <param name="Before">The end that <paramref name="Seen"/> moved on from; null where it is one of its own.</param>
/// <param name="Seen">To be remembered; null for an alert whose end says nothing.</param>
public readonly record struct EndDecision(EndReading Reading, SeenEnd? Before = null, SeenEnd? Seen = null);

/// <summary>
/// Tells a firing alert of a sender whose clock is slow from a late resolve. Prometheus sends neither a status: a firing alert's end lies
/// ahead of its own clock and moves on with each resend, a resolve's stays. Where the clock is more minutes slow than the end lies ahead,
/// both are in our past. Others post each minute that all is well, with the time of sending as the end: that end moves on too, but
/// doesn't lag.
/// </summary>
public static class SlowClock
{
    /// <summary>Two replicas that end a moment apart show one advance.</summary>
    public const int AdvancesThatProve = 2;

    /// <summary>
    /// The shortest time over which a move counts. What moved on in less may be another replica's; a sender that resends
    /// more often is judged by the ends that it sent so long before.
    /// </summary>
    public static readonly TimeSpan ShortestResend = TimeSpan.FromSeconds(30);

    /// <summary>An end is the time of its sending where it lags its receipt by no more than that.</summary>
    public static readonly TimeSpan LongestDelivery = TimeSpan.FromSeconds(30);

    /// <summary>How long a firing alert counts without another word: Alertmanager's default <c>resolve_timeout</c>.</summary>
    public static readonly TimeSpan CountsFor = TimeSpan.FromMinutes(5);

    /// <summary>How much the lag of an end may change from one post to another: the sender's evaluation and the network.</summary>
    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(10);

    /// <param name="history">What was received of this alert before.</param>
    public static EndDecision Decide(AlertHistory history, Alert alert)
    {
        if (alert.Status != AlertStatus.Resolved || alert.EndsAt is not { } end || alert.Source != AlertSources.Prometheus.Name)
        {
            return new EndDecision(EndReading.AsSent);
        }

        var start = alert.EpisodeStartsAt;
        var ends = history.Ends.Where(seen => seen.Start == start).ToList();
        if (ends.Find(seen => seen.End == end) is { } same)
        {
            // The same message, handled again after a crash or a race, or sent to two addresses of ours.
            return (alert.ReceivedAt - same.At).Duration() < ShortestResend
                ? new EndDecision(Reading(same.Advances), null, same)
                : new EndDecision(EndReading.AsSent, null, same with { At = alert.ReceivedAt });
        }

        // The clock is known to be slow, so its steps prove nothing: only an end that stays or goes back is a resolve.
        var proved = ends.Where(seen => seen.Advances >= AdvancesThatProve).MaxBy(seen => seen.At);
        if (proved is not null && end > ends.MaxBy(seen => seen.At)!.End)
        {
            return Moved(EndReading.FiresByASlowClock, proved, proved.Advances + 1);
        }

        var before = ends.Where(seen => seen.End < end && alert.ReceivedAt - seen.At >= ShortestResend).MaxBy(seen => seen.At);
        if (before is null || (Lag(before) - (alert.ReceivedAt - end)).Duration() > Jitter)
        {
            return new EndDecision(EndReading.AsSent, null, new SeenEnd(start, end, alert.ReceivedAt));
        }

        return alert.ReceivedAt - end <= LongestDelivery || history.NamedNoEnd(start)
            ? Moved(EndReading.EndsAgain, before, advances: 0)
            : Moved(Reading(before.Advances + 1), before, before.Advances + 1);

        // An end that the alert recovered by is remembered: it doesn't recover by it a second time.
        EndDecision Moved(EndReading reading, SeenEnd from, int advances) =>
            new(reading, from.IsApplied ? null : from, new SeenEnd(start, end, alert.ReceivedAt, advances));
    }

    /// <summary>Returns the alert as it is meant: firing, for as long as Alertmanager would count it.</summary>
    public static Alert Mend(Alert alert) => alert with { Status = AlertStatus.Firing, EndsAt = alert.ReceivedAt + CountsFor };

    private static EndReading Reading(int advances) => advances switch
    {
        0 => EndReading.AsSent,
        < AdvancesThatProve => EndReading.Advances,
        _ => EndReading.FiresByASlowClock,
    };

    private static TimeSpan Lag(SeenEnd seen) => seen.At - seen.End;
}
