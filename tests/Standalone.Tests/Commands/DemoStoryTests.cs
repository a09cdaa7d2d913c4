using Pipeline.Standalone.Commands;
using Xunit;

namespace Pipeline.Standalone.Tests.Commands;

public sealed class DemoStoryTests
{
    private static readonly IReadOnlyList<DemoStep> Steps = DemoStory.Steps(new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero));

    [Theory]
    // Its time hasn't come.
    [InlineData(10, "Paging Bob (secondary).", false)]
    // It has.
    [InlineData(11, "Paging Bob (secondary).", true)]
    // Bob can't answer before he was woken, however slow the machine.
    [InlineData(11, "Paging Alice (primary).", false)]
    [InlineData(14, "Paging Bob (secondary).", true)]
    public void FirstUse_Bob_acknowledges_when_he_was_woken(int minutes, string line, bool expected)
    {
        var acknowledges = Assert.Single(Steps, step => step.Says.Contains("acknowledges", StringComparison.Ordinal));

        Assert.Equal(expected, acknowledges.IsDue(TimeSpan.FromMinutes(minutes), ["SEV-1 opened", line]));
    }

    [Fact]
    public void FirstUse_The_other_steps_go_by_the_clock()
    {
        Assert.All(Steps.Where(step => step.After is null), step => Assert.True(step.IsDue(step.At, [])));
        Assert.True(Steps.Select(step => step.At).SequenceEqual(Steps.Select(step => step.At).Order()));
    }
}
