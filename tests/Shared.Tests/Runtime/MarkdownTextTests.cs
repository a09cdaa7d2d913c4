using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class MarkdownTextTests
{
    [Theory]
    // Ordinary words stay as they are.
    [InlineData("Checkout is slow (p99 = 2.5 s): 10% errors, see #4!", "Checkout is slow (p99 = 2.5 s): 10% errors, see #4!")]
    // Links, images and reference links.
    [InlineData("[free](https://evil.example)", @"\[free\](https\://evil\.example)")]
    [InlineData("![x][y]", @"!\[x\]\[y\]")]
    // Bare addresses, which GitHub links on its own.
    [InlineData("http://evil.example", @"http\://evil\.example")]
    [InlineData("WWW.evil.example", @"WWW\.evil\.example")]
    [InlineData("me@evil.example", @"me(at)evil\.example")]
    [InlineData("<https://evil.example>", @"&lt;https\://evil\.example&gt;")]
    // HTML and entities.
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("&lt;b&gt;", "&amp;lt;b&amp;gt;")]
    // Table cells, also with a backslash before that would undo the escape.
    [InlineData("a | b", @"a \| b")]
    [InlineData(@"a \| b", @"a \\\| b")]
    // Emphasis, code, strikethrough, formulas.
    [InlineData("*a* _b_ ~~c~~ `d` $e$", @"\*a\* \_b\_ \~\~c\~\~ \`d\` \$e\$")]
    public void Markup_is_escaped(string text, string expected) => Assert.Equal(expected, MarkdownText.Escape(text));

    [Theory]
    // Lines become one.
    [InlineData("a\r\n\r\n# b\tc", 50, "a # b c")]
    [InlineData("a\u2028b\u0085c\u0000d", 50, "a b c d")]
    // Ends are trimmed.
    [InlineData("  a  ", 50, "a")]
    [InlineData("\n", 50, "")]
    // Marks that turn the text around are dropped.
    [InlineData("a\u202Egnp.exe\u2066", 50, "agnp.exe")]
    // Just long enough, and too long.
    [InlineData("12345", 5, "12345")]
    [InlineData("123456", 5, "1234…")]
    // White space at the cut is none of the text.
    [InlineData("123   456", 5, "123…")]
    // A pair of surrogates isn't torn apart.
    [InlineData("123😀56", 5, "123…")]
    [InlineData("12😀56", 5, "12😀…")]
    public void Text_becomes_one_line_of_limited_length(string text, int max, string expected) => Assert.Equal(expected, MarkdownText.OneLine(text, max));

    [Theory]
    // Addresses of mail and chat, which GitHub's dialect links.
    [InlineData("mailto:me@evil.example", @"mailto\:me(at)evil\.example")]
    [InlineData("XMPP:me@evil.example/room", @"XMPP\:me(at)evil\.example/room")]
    // Other schemes, which some readers link.
    [InlineData("tel:+491234", @"tel\:+491234")]
    [InlineData("javascript:alert(1)", @"javascript\:alert(1)")]
    // A person's name, who would be told of it.
    [InlineData("ask @octocat", "ask (at)octocat")]
    // A domain alone.
    [InlineData("see evil.example now", @"see evil\.example now")]
    // Times, numbers, versions and sentences stay as they are.
    [InlineData("at 10:58, 2.5 s, v1.2: done. Next", "at 10:58, 2.5 s, v1.2: done. Next")]
    public void R15_No_address_of_hostile_text_can_be_clicked(string text, string expected) => Assert.Equal(expected, MarkdownText.Escape(text));

    [Fact]
    public void A_lone_surrogate_is_replaced() => Assert.Equal("a\uFFFDb", MarkdownText.OneLine("a\uD800b", 10));
}
