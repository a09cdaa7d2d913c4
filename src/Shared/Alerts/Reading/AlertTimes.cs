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

/// <summary>An alert's status and times, as the pipeline uses them.</summary>
internal readonly record struct AlertTimes(AlertStatus Status, DateTimeOffset StartsAt, DateTimeOffset? EndsAt)
{
    /// <summary>
    /// Judges what was sent. A missing start is the time of receipt, or the end where that came before, as in Alertmanager.
    /// </summary>
    /// <param name="stated">Null where the format leaves it to the end.</param>
    /// <returns>Null where the times are acceptable; <paramref name="times"/> then holds them.</returns>
    public static AlertFault? Judge(AlertStatus? stated, DateTimeOffset? startsAt, DateTimeOffset? endsAt, DateTimeOffset receivedAt, out AlertTimes times)
    {
        var start = startsAt ?? (endsAt < receivedAt ? endsAt.Value : receivedAt);
        times = new AlertTimes(stated ?? (endsAt <= receivedAt ? AlertStatus.Resolved : AlertStatus.Firing), start, endsAt);
        return start - receivedAt > AlertLimits.MaxStartAhead ? AlertFault.StartsInFuture
            : endsAt < start ? AlertFault.EndsBeforeStart
            : null;
    }

    public string Describe(AlertFault fault, DateTimeOffset receivedAt) => fault == AlertFault.StartsInFuture
        ? string.Create(CultureInfo.InvariantCulture, $"startsAt {StartsAt:O} is more than {AlertLimits.MaxStartAhead.TotalHours:0} hours after the time of receipt, {receivedAt:O}; check the sender's clock.")
        : string.Create(CultureInfo.InvariantCulture, $"endsAt {EndsAt:O} is before startsAt {StartsAt:O}.");
}
