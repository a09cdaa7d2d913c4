using System.Text.RegularExpressions;

namespace Pipeline.Hosting.Configuration;

/// <summary>Names that the user gives to people, channels and policies. They become parts of keys in the store and of addresses, so they are plain.</summary>
internal static partial class Names
{
    public static void Check(ScalarNode name, ValueCursor value, string what)
    {
        if (!Plain().IsMatch(name.Text))
        {
            value.FailAtKey(
                $"{Spelling.Quote(name.Text)} can't be {what}",
                "Use up to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Plain();
}
