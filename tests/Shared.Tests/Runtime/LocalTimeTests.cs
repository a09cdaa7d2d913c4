using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class LocalTimeTests
{
    [Theory]
    // An ordinary time.
    [InlineData("Europe/Berlin", "2026-01-05T09:00", "2026-01-05T09:00:00+01:00")]
    // Skipped: right after the gap, wherever in the gap it lies.
    [InlineData("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T03:00:00+02:00")]
    [InlineData("Europe/Berlin", "2026-03-29T02:59", "2026-03-29T03:00:00+02:00")]
    // Twice: the first.
    [InlineData("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T02:00:00+02:00")]
    // West of UTC.
    [InlineData("America/New_York", "2026-03-08T02:30", "2026-03-08T03:00:00-04:00")]
    // Half an hour.
    [InlineData("Australia/Lord_Howe", "2026-10-04T02:29", "2026-10-04T02:30:00+11:00")]
    public void A_local_time_is_one_instant(string zone, string local, string expected) => Assert.Equal(
        expected,
        Text(LocalTime.ToInstant(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone))));

    [Fact]
    public void A_day_begins_where_its_midnight_is_skipped() => Assert.Equal(
        "2026-04-24T01:00:00+03:00",
        Text(LocalTime.StartOf(new DateOnly(2026, 4, 24), TimeZoneInfo.FindSystemTimeZoneById("Africa/Cairo"))));

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture);
}
