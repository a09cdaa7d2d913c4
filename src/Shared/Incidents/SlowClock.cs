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
}

/// <param name="Before">The end that <paramref name="Seen"/> moved on from; null where it is one of its own.</param>
/// <param name="Seen">To be remembered; null for an alert whose end says nothing.</param>
public readonly record struct EndDecision(EndReading Reading, SeenEnd? Before = null, SeenEnd? Seen = null);

/// <summary>
/// Tells a firing alert of a sender whose clock is slow from a late resolve. Prometheus sends neither a status: a firing alert's end lies
/// ahead of its own clock and moves on with each resend, a resolve's stays. Where the clock is more minutes slow than the end lies ahead,
/// both are in our past.
/// </summary>
public static class SlowClock
{
    /// <summary>Two replicas that end a moment apart show one advance.</summary>
    public const int AdvancesThatProve = 2;

    /// <summary>Prometheus resends every minute. What moved on in less is another replica's.</summary>
    public static readonly TimeSpan ShortestResend = TimeSpan.FromSeconds(30);

    /// <summary>How long a firing alert counts without another word: Alertmanager's default <c>resolve_timeout</c>.</summary>
    public static readonly TimeSpan CountsFor = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(15);

    /// <param name="ends">The ends received of this alert before.</param>
    public static EndDecision Decide(IReadOnlyList<SeenEnd> ends, Alert alert)
    {
        if (alert.Status != AlertStatus.Resolved || alert.EndsAt is not { } end || alert.Source != AlertSources.Prometheus.Name)
        {
            return new EndDecision(EndReading.AsSent);
        }

        // The same message, handled again after a crash or a race.
        var same = ends.FirstOrDefault(seen => seen.Start == alert.EpisodeStartsAt && seen.End == end);
        if (same is not null)
        {
            var reading = same.At == alert.ReceivedAt ? Reading(same.Advances) : EndReading.AsSent;
            return new EndDecision(reading, null, same with { At = alert.ReceivedAt });
        }

        var before = ends.Where(seen => seen.Start == alert.EpisodeStartsAt && seen.End < end).MaxBy(seen => seen.At);
        return before is not null && MovedWithTime(before, end, alert.ReceivedAt)
            ? new EndDecision(Reading(before.Advances + 1), before, new SeenEnd(alert.EpisodeStartsAt, end, alert.ReceivedAt, before.Advances + 1))
            : new EndDecision(EndReading.AsSent, null, new SeenEnd(alert.EpisodeStartsAt, end, alert.ReceivedAt));
    }

    /// <summary>Returns the alert as it is meant: firing, for as long as Alertmanager would count it.</summary>
    public static Alert Mend(Alert alert) => alert with { Status = AlertStatus.Firing, EndsAt = alert.ReceivedAt + CountsFor };

    private static EndReading Reading(int advances) => advances switch
    {
        0 => EndReading.AsSent,
        < AdvancesThatProve => EndReading.Advances,
        _ => EndReading.FiresByASlowClock,
    };

    private static bool MovedWithTime(SeenEnd before, DateTimeOffset end, DateTimeOffset receivedAt)
    {
        var passed = receivedAt - before.At;
        return passed >= ShortestResend && (end - before.End - passed).Duration() <= Jitter + (passed / 10);
    }
}
