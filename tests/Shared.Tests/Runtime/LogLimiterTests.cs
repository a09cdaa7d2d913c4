using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class LogLimiterTests
{
    private readonly ManualTimeProvider clock = new();

    [Fact]
    public void One_line_of_a_kind_passes_in_an_interval_and_the_others_are_counted()
    {
        var limiter = new LogLimiter(clock, TimeSpan.FromMinutes(1), maxKinds: 10);

        Assert.True(limiter.Allows("a", out var before));
        Assert.False(limiter.Allows("a", out _));
        Assert.False(limiter.Allows("a", out _));
        Assert.True(limiter.Allows("b", out _));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(limiter.Allows("a", out var between));
        Assert.Equal((0, 2), (before, between));
    }

    [Fact]
    public void Kinds_beyond_the_number_share_one()
    {
        var limiter = new LogLimiter(clock, TimeSpan.FromMinutes(1), maxKinds: 2);

        Assert.Equal([true, true, true, false, false], new[] { "a", "b", "c", "d", "a" }.Select(kind => limiter.Allows(kind, out _)));
    }

    [Fact]
    public void R17_A_kind_without_a_line_for_an_interval_makes_room()
    {
        var limiter = new LogLimiter(clock, TimeSpan.FromMinutes(1), maxKinds: 2);
        Assert.All(["a", "b"], kind => Assert.True(limiter.Allows(kind, out _)));
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([true, true, true, false], new[] { "c", "d", "e", "f" }.Select(kind => limiter.Allows(kind, out _)));
    }
}
