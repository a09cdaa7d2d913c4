using Pipeline.Reports;
using Xunit;

namespace Pipeline.Shared.Tests.Reports;

public sealed class ReportIdTests
{
    [Fact]
    public void An_id_reads_back()
    {
        Assert.True(ReportId.TryParse("weekly-2026-01-05", out var id));
        Assert.Equal(new ReportId("weekly", new DateOnly(2026, 1, 5)), id);
        Assert.Equal("weekly-2026-01-05", id.ToString());
    }

    [Theory]
    // Nothing, and half of it.
    [InlineData(null)]
    [InlineData("")]
    [InlineData("weekly")]
    [InlineData("weekly-")]
    [InlineData("-2026-01-05")]
    // No such day, or not as we write it.
    [InlineData("weekly-2026-02-30")]
    [InlineData("weekly-2026-1-5")]
    [InlineData("weekly-2026-01-05 ")]
    // A kind that could be more than a name in a table key.
    [InlineData("Weekly-2026-01-05")]
    [InlineData("wee/kly-2026-01-05")]
    [InlineData("wee|kly-2026-01-05")]
    public void Anything_else_is_no_id(string? text) => Assert.False(ReportId.TryParse(text, out _));
}
