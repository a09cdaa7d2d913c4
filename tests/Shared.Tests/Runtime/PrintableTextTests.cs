using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class PrintableTextTests
{
    [Theory]
    // Ordinary text stays as it is, in any script.
    [InlineData("Zahlung schlägt fehl (p99 = 2.5 s) 支払い 😀", "Zahlung schlägt fehl (p99 = 2.5 s) 支払い 😀")]
    // Line breaks and tabs are spaces.
    [InlineData("a\r\nb\tc", "a  b c")]
    // Controls of ASCII, and the single-byte forms of the same that terminals obey too.
    [InlineData("\u001b[2J\u0007", @"\u001B[2J\u0007")]
    [InlineData("\u009b2J\u0080\u009f\u007f", @"\u009B2J\u0080\u009F\u007F")]
    // Separators of lines.
    [InlineData("a\u2028b\u2029c\u0085", @"a\u2028b\u2029c\u0085")]
    // Marks that turn text around.
    [InlineData("\u202egnp.exe\u2066\u200f", @"\u202Egnp.exe\u2066\u200F")]
    // Marks without width.
    [InlineData("ad\u200bmin\ufeff\u2060\u00ad", @"ad\u200Bmin\uFEFF\u2060\u00AD")]
    // Letters that show nothing, and selectors in which a text can be hidden.
    [InlineData("a\u3164b\u2800c\ufe01", @"a\u3164b\u2800c\uFE01")]
    [InlineData("a\U000e0041b", @"a\U000E0041b")]
    public void R12_What_a_terminal_obeys_or_hides_is_written_as_its_code(string text, string expected) =>
        Assert.Equal(expected, PrintableText.Escape(text));
}
