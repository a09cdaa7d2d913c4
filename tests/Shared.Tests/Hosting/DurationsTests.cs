using FsCheck;
using FsCheck.Fluent;
using Pipeline.Hosting.Configuration;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

public sealed class DurationsTests
{
    public static TheoryData<string, double> Valid => new()
    {
        // Each unit.
        { "500ms", 0.5 },
        { "30s", 30 },
        { "5m", 300 },
        { "2h", 7_200 },
        { "7d", 604_800 },
        { "2w", 1_209_600 },
        { "1y", 31_536_000 },
        // Several units, large to small.
        { "1h30m", 5_400 },
        { "1d12h30m15s250ms", 131_415.25 },
        // Units may be left out in between.
        { "1w1ms", 604_800.001 },
        // More of a unit than its next holds.
        { "90m", 5_400 },
        // Zero, the one number that needs no unit.
        { "0", 0 },
        { "0s", 0 },
        // Leading zeros.
        { "007s", 7 },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_duration_is_read_as_prometheus_reads_it(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("1.5h")]
    [InlineData("1h 30m")]
    [InlineData("5M")]
    [InlineData("+5m")]
    [InlineData("-5m")]
    [InlineData("1s1m")]
    [InlineData("1m1m")]
    [InlineData("5min")]
    [InlineData("٣m")]
    [InlineData("30000y")]
    [InlineData("29000y99999w")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(Durations.TryParse(text, out _));
    }

    [Fact]
    public void What_is_written_reads_back_as_the_same()
    {
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            milliseconds =>
            {
                var duration = TimeSpan.FromMilliseconds((double)milliseconds);
                return Durations.TryParse(Durations.Text(duration), out var read) && read == duration;
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("90m", "1h30m")]
    [InlineData("24h", "1d")]
    [InlineData("1w", "7d")]
    [InlineData("0", "0s")]
    public void It_is_written_in_the_units_that_people_count_in(string text, string expected)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(expected, Durations.Text(duration));
    }
}
