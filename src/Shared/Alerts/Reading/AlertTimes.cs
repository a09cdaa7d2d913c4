using System.Globalization;

namespace Pipeline.Alerts.Reading;

/// <summary>How a format says whether an alert fires.</summary>
internal enum StatusRule
{
    /// <summary>By a field <c>status</c>: <c>firing</c> or <c>resolved</c>.</summary>
    Stated,

    /// <summary>By its end: an alert whose end has passed is resolved.</summary>
    ByEnd,
}

/// <summary>What was mended about an alert's times.</summary>
[Flags]
internal enum TimesMended
{
    None = 0,
    StartAhead = 1,
    EndBeforeStart = 2,
}

/// <summary>An alert's status and times, as the pipeline uses them.</summary>
/// <param name="StartsAt">At most the time of receipt, and of a resolve at most its end.</param>
/// <param name="SentStartsAt">The start as sent, where it is later than <paramref name="StartsAt"/>.</param>
internal readonly record struct AlertTimes(
    AlertStatus Status,
    DateTimeOffset StartsAt,
    DateTimeOffset? EndsAt,
    DateTimeOffset? SentStartsAt = null,
    TimesMended Mended = TimesMended.None)
{
    /// <summary>
    /// Judges what was sent; nothing is refused for its times. A missing start is the time of receipt, or for a resolve
    /// the end, as in Alertmanager. The time of receipt is never a resolve's end, nor the start that names its episode:
    /// repeats of a resolve have to be known as such.
    /// </summary>
    /// <param name="stated">Null where it is left to the end.</param>
    public static AlertTimes Judge(
        AlertStatus? stated, DateTimeOffset? startsAt, DateTimeOffset? endsAt, DateTimeOffset receivedAt)
    {
        var status = stated ?? (endsAt <= receivedAt ? AlertStatus.Resolved : AlertStatus.Firing);
        var sent = startsAt ?? (status == AlertStatus.Resolved && endsAt is { } end ? end : receivedAt);
        var start = sent < receivedAt ? sent : receivedAt;
        var mended = startsAt - receivedAt > AlertLimits.UnsaidStartAhead ? TimesMended.StartAhead : TimesMended.None;
        if (endsAt < start && status == AlertStatus.Resolved)
        {
            // The start as sent still names the episode, so that this isn't the resolve of an earlier one.
            start = endsAt.Value;
            mended = TimesMended.EndBeforeStart;
        }
        else if (endsAt < start)
        {
            endsAt = null;
            mended |= TimesMended.EndBeforeStart;
        }

        return new AlertTimes(status, start, endsAt, sent > start ? sent : null, mended);
    }

    /// <summary>Says what was mended.</summary>
    /// <param name="endsAt">As sent.</param>
    public string Describe(TimesMended mending, DateTimeOffset? endsAt) => (mending, Status) switch
    {
        (TimesMended.StartAhead, _) => string.Create(
            CultureInfo.InvariantCulture,
            $"startsAt {SentStartsAt:u} was {(SentStartsAt - StartsAt)!.Value.TotalMinutes:0} min after its receipt, "
                + $"and the time of receipt was taken; check the sender's clock."),
        (_, AlertStatus.Resolved) => string.Create(
            CultureInfo.InvariantCulture,
            $"endsAt {endsAt:u} was before startsAt {SentStartsAt ?? StartsAt:u}, "
                + $"and the resolve was taken as one that began at its end."),
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"endsAt {endsAt:u} was before startsAt {SentStartsAt ?? StartsAt:u} and was left out."),
    };
}
