using System.Text.RegularExpressions;

namespace Pipeline.Hosting.Configuration;

/// <summary>How a host finds the value of a secret.</summary>
/// <param name="Resolve">From the text of a reference to its secret; null for a text that is no reference or has no value.</param>
public sealed record SecretSource(Func<string, string?> Resolve);

/// <summary>Where a secret is to be found: <c>env:NAME</c>. Only this reference is kept, printed and logged; the value is fetched where it is used.</summary>
public sealed partial record SecretReference
{
    private SecretReference(string variable) => Variable = variable;

    /// <summary>The environment variable that holds the secret.</summary>
    public string Variable { get; }

    /// <summary>Null for a text that is no reference; it may be a secret itself, so it mustn't be printed.</summary>
    public static SecretReference? Parse(string? text) =>
        text is not null && Form().Match(text) is { Success: true } match ? new SecretReference(match.Groups["name"].Value) : null;

    /// <summary>The value, or null when the variable is absent or empty.</summary>
    /// <param name="environment">Name of a variable to its value; <see cref="Environment.GetEnvironmentVariable(string)"/> in a host.</param>
    public string? Resolve(Func<string, string?> environment) => environment(Variable) is { Length: > 0 } value ? value : null;

    /// <summary>From the text of a reference to its secret; null for a text that is no reference or has no value.</summary>
    public static Func<string, string?> Resolver(Func<string, string?> environment) => text => Parse(text)?.Resolve(environment);

    public override string ToString() => $"env:{Variable}";

    [GeneratedRegex(@"\Aenv:(?<name>[A-Za-z_][A-Za-z0-9_]*)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
