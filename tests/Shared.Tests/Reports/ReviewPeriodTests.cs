using Pipeline.Reports;
using Xunit;
using static Pipeline.Tests.Support.SampleIncident;

namespace Pipeline.Shared.Tests.Reports;

public sealed class ReviewPeriodTests
{
    [Theory]
    // Monday morning: the calendar week before.
    [InlineData("UTC", "2026-01-05T09:00Z", "2025-12-29T00:00+00:00", "2026-01-05T00:00+00:00", 168)]
    // At midnight sharp the day that begins isn't part of it.
    [InlineData("UTC", "2026-01-05T00:00Z", "2025-12-29T00:00+00:00", "2026-01-05T00:00+00:00", 168)]
    // The day is the zone's day: Monday there while it is Sunday in UTC.
    [InlineData("Asia/Tokyo", "2026-01-04T16:00Z", "2025-12-29T00:00+09:00", "2026-01-05T00:00+09:00", 168)]
    // Clocks go forward, and back.
    [InlineData("Europe/Berlin", "2026-03-30T07:00Z", "2026-03-23T00:00+01:00", "2026-03-30T00:00+02:00", 167)]
    [InlineData("Europe/Berlin", "2026-10-26T08:00Z", "2026-10-19T00:00+02:00", "2026-10-26T00:00+01:00", 169)]
    // By half an hour.
    [InlineData("Australia/Lord_Howe", "2026-10-05T00:00Z", "2026-09-28T00:00+10:30", "2026-10-05T00:00+11:00", 167.5)]
    public void The_week_before_has_seven_local_days(string zone, string at, string from, string to, double hours)
    {
        var period = ReviewPeriod.WeekBefore(At(at), TimeZoneInfo.FindSystemTimeZoneById(zone));
        Assert.Equal((At(from), At(from).Offset, At(to), At(to).Offset), (period.From, period.From.Offset, period.To, period.To.Offset));
        Assert.Equal(hours, (period.To - period.From).TotalHours);
    }

    [Fact]
    public void Weeks_meet_without_gap_or_overlap_all_year()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Africa/Cairo");
        var before = ReviewPeriod.WeekBefore(At("2026-01-02T12:00Z"), zone);
        for (var week = 1; week <= 52; week++)
        {
            var next = ReviewPeriod.WeekBefore(At("2026-01-02T12:00Z").AddDays(7 * week), zone);
            Assert.Equal(before.To, next.From);
            before = next;
        }
    }
}
