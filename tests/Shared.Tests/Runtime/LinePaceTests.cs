using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class LinePaceTests
{
    [Fact]
    public void One_line_a_minute_goes_through_and_says_how_many_did_not()
    {
        var clock = new ManualTimeProvider();
        var pace = new LinePace(clock);

        Assert.True(pace.IsDue(out var heldBack));
        Assert.Equal(0, heldBack);
        Assert.False(pace.IsDue(out _));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(pace.IsDue(out _));

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(pace.IsDue(out heldBack));
        Assert.Equal(2, heldBack);

        clock.Advance(LinePace.Every);
        Assert.True(pace.IsDue(out heldBack));
        Assert.Equal(0, heldBack);
    }
}
