using System.Diagnostics.CodeAnalysis;
using NCrontab;

namespace Pipeline.Runtime;

/// <summary>
/// A cron expression in a time zone. Five fields as NCrontab reads them: minute, hour, day of month, month, day of week (0 or SUN is Sunday);
/// where both days are restricted, both must match.
/// </summary>
/// <remarks>
/// When clocks change (<see cref="LocalTime.ToInstant"/>): a local time that is skipped fires once, right after the gap;
/// one that exists twice fires once, the first time.
/// </remarks>
public sealed class CronSchedule
{
    // Every date of the Gregorian calendar comes back on the same day of the week within 40 years.
    private const int HorizonYears = 41;

    // Anything before the first occurrence that could be of interest.
    private static readonly DateTime Epoch = new(1990, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    private readonly CrontabSchedule schedule;

    private CronSchedule(CrontabSchedule schedule, string expression, TimeZoneInfo zone)
    {
        this.schedule = schedule;
        Expression = expression;
        Zone = zone;
    }

    public string Expression { get; }

    public TimeZoneInfo Zone { get; }

    /// <exception cref="FormatException">The expression or the zone can't be used; the message says which, and what would do.</exception>
    public static CronSchedule Parse(string expression, string timeZone) =>
        TryParse(expression, timeZone, out var schedule, out var error) ? schedule : throw new FormatException(error);

    /// <param name="timeZone">An IANA name such as <c>Europe/Berlin</c>, or <c>UTC</c>.</param>
    /// <param name="error">What is wrong and what would do, in a sentence for whoever wrote it.</param>
    public static bool TryParse(
        string? expression,
        string? timeZone,
        [NotNullWhen(true)] out CronSchedule? schedule,
        [NotNullWhen(false)] out string? error)
    {
        schedule = null;
        if (!TryReadExpression(expression, out var crontab, out error))
        {
            return false;
        }

        if (string.IsNullOrWhiteSpace(timeZone) || !TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            error = $"'{timeZone}' is no time zone that this machine knows. Use an IANA name such as 'Europe/Berlin' or 'UTC'; "
                + "a minimal container may lack the package tzdata.";
            return false;
        }

        schedule = new CronSchedule(crontab, expression!, zone);
        return true;
    }

    /// <summary>The first occurrence later than <paramref name="after"/>, with the zone's offset.</summary>
    public DateTimeOffset Next(DateTimeOffset after)
    {
        var local = TimeZoneInfo.ConvertTime(after, Zone).DateTime;
        var horizon = local.AddYears(HorizonYears);
        while (true)
        {
            // Several local times can stand for one instant, or for one that has passed: those of a gap, and those that come a second time.
            local = schedule.GetNextOccurrence(local, horizon);
            var instant = LocalTime.ToInstant(local, Zone);
            if (instant > after)
            {
                return instant;
            }
        }
    }

    /// <summary>The last occurrence at or before <paramref name="at"/>, with the zone's offset; null where there is none since 1990.</summary>
    public DateTimeOffset? Previous(DateTimeOffset at)
    {
        // NCrontab looks forward only, so ever longer stretches of the past are read until one holds an occurrence.
        for (var stretch = TimeSpan.FromHours(1); ; stretch *= 4)
        {
            var start = at.UtcDateTime - stretch < Epoch ? new DateTimeOffset(Epoch, TimeSpan.Zero) : at - stretch;
            if (LastWithin(start, at) is { } found)
            {
                return found;
            }

            if (start.UtcDateTime == Epoch)
            {
                return null;
            }
        }
    }

    public override string ToString() => $"{Expression} ({Zone.Id})";

    private DateTimeOffset? LastWithin(DateTimeOffset start, DateTimeOffset end)
    {
        DateTimeOffset? last = null;
        for (var next = Next(start); next <= end; next = Next(next))
        {
            last = next;
        }

        return last;
    }

    private static bool TryReadExpression(
        string? expression,
        [NotNullWhen(true)] out CrontabSchedule? crontab,
        [NotNullWhen(false)] out string? error)
    {
        error = null;
        crontab = null;
        try
        {
            crontab = CrontabSchedule.Parse(expression ?? "");
        }
        catch (CrontabException exception)
        {
            error = $"'{expression}' is no cron expression: {exception.Message} "
                + "Write five fields: minute, hour, day of month, month, day of week (0 or SUN is Sunday); '0 9 * * 1' is Mondays at 9:00.";
            return false;
        }

        var horizon = Epoch.AddYears(HorizonYears);
        if (crontab.GetNextOccurrence(Epoch, horizon) == horizon)
        {
            error = $"'{expression}' names a date that never comes. Check its day of month against its month.";
            return false;
        }

        return true;
    }
}
