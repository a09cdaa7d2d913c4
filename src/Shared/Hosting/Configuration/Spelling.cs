using Pipeline.Runtime;

namespace Pipeline.Hosting.Configuration;

/// <summary>Guesses what a word was meant to be.</summary>
internal static class Spelling
{
    /// <summary>The candidate nearest to the word, or null when none is near: at most one edit for every three letters, and three at most.</summary>
    public static string? Closest(string word, IEnumerable<string> candidates)
    {
        var plain = Plain(word);
        if (plain.Length is 0 or > 64)
        {
            return null;
        }

        var limit = Math.Clamp(plain.Length / 3, 1, 3);
        return candidates
            .Where(candidate => candidate.Length <= 2 * (plain.Length + limit))
            .Select(candidate => (Candidate: candidate, Edits: Edits(plain, Plain(candidate))))
            .Where(pair => pair.Edits <= limit)
            .OrderBy(pair => pair.Edits)
            .ThenBy(pair => pair.Candidate, StringComparer.Ordinal)
            .Select(pair => pair.Candidate)
            .FirstOrDefault();
    }

    public static string? DidYouMean(string word, IEnumerable<string> candidates) =>
        Closest(word, candidates) is { } closest ? $"Did you mean '{closest}'?" : null;

    public static string Quote(string text) => $"'{Shorten(text)}'";

    public static string Shorten(string text)
    {
        const int limit = 60;
        return text.Length > limit ? string.Concat(text.AsSpan(0, limit), "…") : text;
    }

    /// <summary>Text from a file, made safe to print on one line of a terminal: nothing in it moves the cursor, breaks the line or turns it around.</summary>
    public static string Printable(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => PrintableText.IsHidden(rune) ? "\uFFFD" : rune.ToString()));

    /// <summary><c>staleAfter</c>, <c>stale-after</c> and <c>stale_after</c> are the same word to a person.</summary>
    private static string Plain(string word) =>
        string.Concat(word.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    /// <summary>Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.</summary>
    private static int Edits(string one, string other)
    {
        var table = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            table[i, 0] = i;
        }

        for (var j = 0; j <= other.Length; j++)
        {
            table[0, j] = j;
        }

        for (var i = 1; i <= one.Length; i++)
        {
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = table[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                var best = Math.Min(replaced, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                var swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                table[i, j] = swapped ? Math.Min(best, table[i - 2, j - 2] + 1) : best;
            }
        }

        return table[one.Length, other.Length];
    }
}
