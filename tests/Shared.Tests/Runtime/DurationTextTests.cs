using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class DurationTextTests
{
    [Theory]
    // Nothing, and less than nothing.
    [InlineData("00:00:00", "0 s")]
    [InlineData("-00:05:00", "0 s")]
    // Each unit alone.
    [InlineData("00:00:45", "45 s")]
    [InlineData("00:05:00", "5 min")]
    [InlineData("02:00:00", "2 h")]
    [InlineData("3.00:00:00", "3 d")]
    // The two greatest.
    [InlineData("00:04:59.9990000", "4 min 59 s")]
    [InlineData("01:23:45", "1 h 23 min")]
    [InlineData("3.04:59:00", "3 d 4 h")]
    // A lesser unit of zero isn't told, nor one below it.
    [InlineData("1.00:59:00", "1 d")]
    [InlineData("400.00:00:00", "400 d")]
    public void A_duration_reads_as_people_say_it(string duration, string expected) =>
        Assert.Equal(expected, DurationText.Of(TimeSpan.Parse(duration, System.Globalization.CultureInfo.InvariantCulture)));
}
