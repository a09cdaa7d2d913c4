using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class EntityLimitsTests
{
    [Theory]
    [InlineData("checkout", "checkout")]
    [InlineData("", "")]
    [InlineData("a/b", "a~002Fb")]
    [InlineData("a|b~c", "a~007Cb~007Ec")]
    [InlineData("tab\tend", "tab~0009end")]
    [InlineData("Straße", "Straße")]
    [InlineData("\ud83d\ude00", "~D83D~DE00")]
    public void Escaping_writes_what_a_key_cannot_hold_as_hex(string text, string expected) =>
        Assert.Equal(expected, EntityLimits.EscapeKey(text));
}
