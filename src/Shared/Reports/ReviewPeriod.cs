using Pipeline.Runtime;

namespace Pipeline.Reports;

/// <summary>From <paramref name="From"/> (inclusive) to <paramref name="To"/> (exclusive), both with their offset in <paramref name="Zone"/>.</summary>
public sealed record ReviewPeriod(DateTimeOffset From, DateTimeOffset To, TimeZoneInfo Zone)
{
    /// <summary>
    /// The seven whole local days before the day of <paramref name="at"/>. Whole days, so that consecutive weeks meet without a gap
    /// or an overlap whatever the clocks do; a week in which they change has 167 or 169 hours.
    /// </summary>
    public static ReviewPeriod WeekBefore(DateTimeOffset at, TimeZoneInfo zone)
    {
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        return new ReviewPeriod(LocalTime.StartOf(day.AddDays(-7), zone), LocalTime.StartOf(day, zone), zone);
    }

    public bool Contains(DateTimeOffset time) => time >= From && time < To;

    public DateTimeOffset InZone(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, Zone);
}
