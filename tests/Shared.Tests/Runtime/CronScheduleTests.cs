using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class CronScheduleTests
{
    [Theory]
    // Plain: the next Monday at nine, in the zone's offset of that day.
    [InlineData("0 9 * * 1", "UTC", "2026-01-01T00:00:00Z", "2026-01-05T09:00:00+00:00")]
    // Berlin's nine o'clock is eight in UTC in winter, seven in summer.
    [InlineData("0 9 * * 1", "Europe/Berlin", "2026-01-05T07:59:59Z", "2026-01-05T09:00:00+01:00")]
    [InlineData("0 9 * * 1", "Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-06T09:00:00+02:00")]
    // An occurrence is not later than itself.
    [InlineData("0 9 * * 1", "UTC", "2026-01-05T09:00:00Z", "2026-01-12T09:00:00+00:00")]
    // Less than a second before, and after.
    [InlineData("0 9 * * 1", "UTC", "2026-01-05T08:59:59.9990000Z", "2026-01-05T09:00:00+00:00")]
    [InlineData("0 9 * * 1", "UTC", "2026-01-05T09:00:00.0000001Z", "2026-01-12T09:00:00+00:00")]
    // Both day fields must match: the next Monday that is a first.
    [InlineData("0 9 1 * 1", "UTC", "2026-01-01T00:00:00Z", "2026-06-01T09:00:00+00:00")]
    // The rarest date there is: 29 February on a Monday, across the year 2100 which has no such day.
    [InlineData("0 0 29 2 1", "UTC", "2072-03-01T00:00:00Z", "2112-02-29T00:00:00+00:00")]
    // Berlin, spring: 02:30 on 29 March 2026 doesn't exist, so it fires when the gap is over, at 03:00.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T03:00:00+02:00")]
    // … once: the next one is the next day's.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T02:30:00+02:00")]
    // Four quarters fall into the gap and one right behind it; together they are one moment.
    [InlineData("*/15 * * * *", "Europe/Berlin", "2026-03-29T00:45:00Z", "2026-03-29T03:00:00+02:00")]
    [InlineData("*/15 * * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:15:00+02:00")]
    // Berlin, autumn: 02:30 on 25 October 2026 comes twice; the first counts.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T02:30:00+02:00")]
    // … and the second, an hour later, doesn't.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T02:30:00+01:00")]
    // Asked in the middle of the repeated hour.
    [InlineData("*/15 * * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-25T03:00:00+01:00")]
    // Lord Howe moves by half an hour: 02:15 on 4 October 2026 doesn't exist, clocks go from 02:00 to 02:30.
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-04T02:30:00+11:00")]
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-05T02:15:00+11:00")]
    // 02:45 exists that day, right after the gap.
    [InlineData("45 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-04T02:45:00+11:00")]
    // On 5 April 2026 01:45 comes twice there, at +11:00 and half an hour later at +10:30.
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-05T01:45:00+11:00")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-06T01:45:00+10:30")]
    public void Next_is_the_first_occurrence_after(string cron, string zone, string after, string expected) =>
        Assert.Equal(expected, Text(CronSchedule.Parse(cron, zone).Next(At(after))));

    [Theory]
    // At an occurrence: itself.
    [InlineData("0 9 * * 1", "UTC", "2026-01-05T09:00:00Z", "2026-01-05T09:00:00+00:00")]
    // Just before: last week's.
    [InlineData("0 9 * * 1", "UTC", "2026-01-05T08:59:59Z", "2025-12-29T09:00:00+00:00")]
    // Long before: a date that comes every four years.
    [InlineData("0 0 29 2 *", "UTC", "2026-01-05T00:00:00Z", "2024-02-29T00:00:00+00:00")]
    // The minute we are in.
    [InlineData("* * * * *", "UTC", "2026-01-05T09:00:30Z", "2026-01-05T09:00:00+00:00")]
    // Right after the gap of Berlin's spring, and a moment earlier.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-28T02:30:00+01:00")]
    // In the second pass of Berlin's repeated hour: the first pass is what counted.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-25T01:45:00Z", "2026-10-25T02:30:00+02:00")]
    public void Previous_is_the_last_occurrence_up_to(string cron, string zone, string at, string expected) =>
        Assert.Equal(expected, CronSchedule.Parse(cron, zone).Previous(At(at)) is { } found ? Text(found) : null);

    [Fact]
    public void Previous_knows_nothing_before_1990() =>
        Assert.Null(CronSchedule.Parse("0 9 * * 1", "UTC").Previous(At("1989-12-31T00:00:00Z")));

    [Theory]
    // Clocks change at two or three at night …
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    // … by half an hour …
    [InlineData("Australia/Lord_Howe")]
    // … or at midnight, so that a day begins at one.
    [InlineData("Africa/Cairo")]
    public void A_job_of_the_small_hours_runs_once_each_day_of_the_year(string zone)
    {
        foreach (var minute in Enumerable.Range(0, 5 * 4).Select(quarter => quarter * 15))
        {
            var schedule = CronSchedule.Parse(FormattableString.Invariant($"{minute % 60} {minute / 60} * * *"), zone);
            var days = new List<DateOnly>();
            var end = At("2027-01-01T00:00:00Z");
            for (var at = schedule.Next(At("2025-12-31T12:00:00Z")); at < end; at = schedule.Next(at))
            {
                days.Add(DateOnly.FromDateTime(at.DateTime));
                Assert.Equal(at, schedule.Previous(at));
            }

            Assert.Equal(days.Distinct().Order(), days);
            Assert.Equal(days[^1].DayNumber - days[0].DayNumber + 1, days.Count);
        }
    }

    [Theory]
    // Not cron at all.
    [InlineData("every monday", "UTC", "'every monday' is no cron expression")]
    [InlineData("", "UTC", "'' is no cron expression")]
    [InlineData(null, "UTC", "is no cron expression")]
    // Six fields, as with seconds: the message says how many are wanted.
    [InlineData("0 0 9 * * 1", "UTC", "Write five fields")]
    // A field out of range: the message says which.
    [InlineData("0 25 * * 1", "UTC", "25 is higher than the maximum allowable value for the [Hour] field")]
    [InlineData("0 9 * * 7", "UTC", "[DayOfWeek]")]
    // A date that never comes.
    [InlineData("0 9 30 2 *", "UTC", "names a date that never comes")]
    // Unknown and empty zones.
    [InlineData("0 9 * * 1", "Europe/Berlin2", "'Europe/Berlin2' is no time zone")]
    [InlineData("0 9 * * 1", "", "'' is no time zone")]
    [InlineData("0 9 * * 1", null, "is no time zone")]
    public void What_can_t_be_used_is_refused_with_a_reason(string? cron, string? zone, string reason)
    {
        Assert.False(CronSchedule.TryParse(cron, zone, out _, out var error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_throws_the_same_words()
    {
        var exception = Assert.Throws<FormatException>(() => CronSchedule.Parse("0 25 * * 1", "UTC"));
        Assert.Contains("[Hour]", exception.Message, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture);
}
