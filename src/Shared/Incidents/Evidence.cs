using System.Globalization;
using Pipeline.Alerts;

namespace Pipeline.Incidents;

/// <summary>
/// Numbers and facts that an alert's annotations or labels carry, by name: <c>error_rate: 12.5%</c>, <c>sla_breach: true</c>.
/// Names are read without regard to case and with <c>-</c> as <c>_</c>.
/// <para>
/// A percentage (<see cref="SeverityRules.Percentages"/>) of up to 1 without a <c>%</c> is a ratio: <c>0.6</c> is 60 %,
/// and an
/// <c>error_rate</c> of <c>1</c> is everything. Only where the name itself says percent is exactly <c>1</c> one
/// percent.
/// </para>
/// </summary>
public sealed class Evidence
{
    // Longer units first; a rate can follow another unit, as in $12k/h. A percentage stays as written: 12.5% is 12.5.
    private static readonly (string Unit, double Factor)[] Units =
    [
        ("/hour", 1), ("/hr", 1), ("/h", 1), ("ms", 0.001), ("s", 1), ("%", 1), ("x", 1), ("k", 1_000),
    ];

    private readonly Dictionary<string, double> numbers;

    private Evidence(Dictionary<string, double> numbers, IReadOnlyList<string> unreadable) =>
        (this.numbers, Unreadable) = (numbers, unreadable);

    public static Evidence None { get; } = new([], []);

    /// <summary>Whether there is no number, not even one that can't be read.</summary>
    public bool IsEmpty => numbers.Count == 0 && Unreadable.Count == 0;

    /// <summary>The names that have a number.</summary>
    public IReadOnlyCollection<string> Names => numbers.Keys;

    /// <summary>The names whose values are no numbers: <c>NaN</c>, <c>12,5</c>, a template that failed.</summary>
    public IReadOnlyList<string> Unreadable { get; }

    /// <summary>Only the names in <paramref name="known"/> are read; an annotation wins over a label of that name.</summary>
    public static Evidence Of(Alert alert, IReadOnlySet<string> known)
    {
        Dictionary<string, double>? found = null;
        HashSet<string>? unreadable = null;
        Collect(alert.Labels, known, ref found, ref unreadable);
        Collect(alert.Annotations, known, ref found, ref unreadable);
        return found is null && unreadable is null ? None : new Evidence(found ?? [], [.. unreadable ?? []]);
    }

    /// <summary>The number, 1 or 0 for yes or no; null where the alert doesn't say.</summary>
    public double? this[string name] => numbers.TryGetValue(name, out var number) ? number : null;

    /// <summary>
    /// Reads <c>12.5%</c>, <c>$12,500</c>, <c>$1.2k/h</c>, <c>350ms</c> (as seconds), <c>true</c>, <c>no</c>. False for anything else,
    /// also for a decimal comma: <c>12,5</c> must not become 125.
    /// </summary>
    public static bool TryReadNumber(ReadOnlySpan<char> text, out double number)
    {
        var trimmed = text.Trim();
        if (trimmed.Equals("true", StringComparison.OrdinalIgnoreCase) || trimmed.Equals("yes", StringComparison.OrdinalIgnoreCase))
        {
            number = 1;
            return true;
        }

        if (trimmed.Equals("false", StringComparison.OrdinalIgnoreCase) || trimmed.Equals("no", StringComparison.OrdinalIgnoreCase))
        {
            number = 0;
            return true;
        }

        var digits = trimmed.TrimStart("$€£~ ");
        var factor = 1.0;
        foreach (var (unit, times) in Units)
        {
            if (digits.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                digits = digits[..^unit.Length];
                factor *= times;
            }
        }

        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent;
        if (CommasMakeThousands(digits) && double.TryParse(digits.Trim(), Style, CultureInfo.InvariantCulture, out number) && double.IsFinite(number))
        {
            number *= factor;
            return true;
        }

        number = 0;
        return false;
    }

    private static bool CommasMakeThousands(ReadOnlySpan<char> digits)
    {
        var comma = digits.IndexOf(',');
        if (comma < 0)
        {
            return true;
        }

        var rest = digits[(comma + 1)..];
        var group = rest.IndexOfAnyExceptInRange('0', '9');
        return comma > 0 && (group < 0 ? rest.Length : group) == 3 && CommasMakeThousands(rest);
    }

    private static double InPercent(string name, string text, double number)
    {
        var isNumber = text.AsSpan().ContainsAnyInRange('0', '9');
        if (!isNumber || !SeverityRules.Percentages.Contains(name) || text.Contains('%', StringComparison.Ordinal))
        {
            return number;
        }

        var saysPercent = name.Contains("pct", StringComparison.Ordinal)
            || name.Contains("percent", StringComparison.Ordinal);
        return number is > 0 and < 1 || (number == 1 && !saysPercent) ? number * 100 : number;
    }

    private static void Collect(
        IReadOnlyDictionary<string, string> pairs,
        IReadOnlySet<string> known,
        ref Dictionary<string, double>? found,
        ref HashSet<string>? unreadable)
    {
        foreach (var (rawName, value) in pairs)
        {
            var name = rawName.Replace('-', '_').ToLowerInvariant();
            if (!known.Contains(name))
            {
                continue;
            }

            if (TryReadNumber(value, out var number))
            {
                found ??= new Dictionary<string, double>(StringComparer.Ordinal);
                found[name] = InPercent(name, value, number);
                unreadable?.Remove(name);
            }
            else if (found is null || !found.ContainsKey(name))
            {
                (unreadable ??= new HashSet<string>(StringComparer.Ordinal)).Add(name);
            }
        }
    }
}
