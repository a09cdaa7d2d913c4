using Pipeline.Hosting.Configuration;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

public sealed class ByteSizesTests
{
    [Theory]
    [InlineData("1KiB", 1024)]
    [InlineData("96MiB", 96L << 20)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("1TiB", 1L << 40)]
    // More of a unit than its next holds.
    [InlineData("1536MiB", 1536L << 20)]
    public void A_number_of_bytes_is_read_and_written(string text, long expected)
    {
        Assert.True(ByteSizes.TryParse(text, out var bytes));
        Assert.Equal((expected, text), (bytes, ByteSizes.Text(bytes)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("96")]
    [InlineData("96MB")]
    [InlineData("96mib")]
    [InlineData("1.5GiB")]
    [InlineData("-1MiB")]
    [InlineData("+1MiB")]
    [InlineData("96 MiB")]
    // 2^63 bytes and more.
    [InlineData("8388608TiB")]
    [InlineData("99999999999999999999KiB")]
    public void Anything_else_is_refused(string text) => Assert.False(ByteSizes.TryParse(text, out _));
}
