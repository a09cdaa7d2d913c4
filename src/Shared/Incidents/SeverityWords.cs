using System.Collections.Frozen;

namespace Pipeline.Incidents;

/// <summary>
/// The words that monitoring systems have for how bad something is. Case, spaces and punctuation are the same: <c>P
/// 1</c>, <c>p-1</c>.
/// </summary>
public static class SeverityWords
{
    private const int LongestCode = 2;

    private static readonly (Severity Severity, string Words)[] Table =
    [
        (Severity.Sev1, "critical crit fatal emergency emerg disaster catastrophic panic page blocker urgent severe "
            + "immediate alert highest p0 p1 s0 s1 sev0 0 1"),
        (Severity.Sev2, "high error err major serious important p2 s2 2"),
        (Severity.Sev3, "warning warn medium moderate average minor ticket p3 s3 3"),
        (Severity.Sev4, "info information informational notice low lowest trivial debug trace verbose none ok okay "
            + "p4 p5 s4 s5 sev5 4 5"),
    ];

    // In "Severity 1" or "Priority: high" they say nothing.
    private static readonly FrozenSet<string> Fillers =
        new[] { "severity", "sev", "priority", "prio", "level" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Compares words by their letters and digits, without regard to case.</summary>
    public static StringComparer Comparer { get; } = new LettersAndDigits();

    /// <summary>
    /// What is understood unless the configuration says otherwise. Numbers count downwards from the worst, as in
    /// syslog, Azure Monitor
    /// and the P0 to P5 of pagers.
    /// </summary>
    public static IReadOnlyDictionary<string, Severity> Default { get; } = Table
        .SelectMany(row => row.Words.Split(' ').Select(word => KeyValuePair.Create(word, row.Severity)))
        .ToDictionary(Comparer);

    /// <summary>
    /// Reads one word, or several of which each is known, or that begin with a code: <c>1 - Critical</c>, <c>P3
    /// (Planning)</c>. The worst counts.
    /// </summary>
    /// <param name="words">With <see cref="Comparer"/>.</param>
    public static bool TryRead(string text, IReadOnlyDictionary<string, Severity> words, out Severity severity) =>
        Severities.TryParse(text, out severity)
        || words.TryGetValue(text, out severity)
        || TryReadSeveral(text, words, out severity);

    private static bool TryReadSeveral(string text, IReadOnlyDictionary<string, Severity> words, out Severity severity)
    {
        severity = Severity.Sev4;
        var hasCode = false;
        var known = 0;
        var unknown = 0;
        for (var start = 0; start < text.Length; start++)
        {
            var end = start;
            while (end < text.Length && char.IsLetterOrDigit(text[end]))
            {
                end++;
            }

            if (end > start && text[start..end] is var part && !Fillers.Contains(part))
            {
                if (Severities.TryParse(part, out var found) || words.TryGetValue(part, out found))
                {
                    hasCode |= known + unknown == 0 && (part.Length <= LongestCode || char.IsAsciiDigit(part[^1]));
                    severity = known == 0 ? found : Severities.Worse(severity, found);
                    known++;
                }
                else
                {
                    unknown++;
                }
            }

            start = end;
        }

        return known > 0 && (unknown == 0 || hasCode);
    }

    private sealed class LettersAndDigits : StringComparer
    {
        public override int Compare(string? x, string? y)
        {
            var (one, other) = (Next(x, 0), Next(y, 0));
            while (one < Length(x) && other < Length(y))
            {
                if (Fold(x![one]) - Fold(y![other]) is var difference and not 0)
                {
                    return difference;
                }

                (one, other) = (Next(x, one + 1), Next(y, other + 1));
            }

            return (one < Length(x) ? 1 : 0) - (other < Length(y) ? 1 : 0);
        }

        public override bool Equals(string? x, string? y) => Compare(x, y) == 0;

        public override int GetHashCode(string obj)
        {
            ArgumentNullException.ThrowIfNull(obj);
            var hash = 0;
            foreach (var character in obj)
            {
                hash = char.IsLetterOrDigit(character) ? unchecked((hash * 31) + Fold(character)) : hash;
            }

            return hash;
        }

        private static int Length(string? text) => text?.Length ?? 0;

        private static int Next(string? text, int index)
        {
            while (index < Length(text) && !char.IsLetterOrDigit(text![index]))
            {
                index++;
            }

            return index;
        }

        private static char Fold(char character) => char.ToLowerInvariant(character);
    }
}
