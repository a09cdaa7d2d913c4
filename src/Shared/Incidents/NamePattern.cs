namespace Pipeline.Incidents;

/// <summary>Matches names against patterns in which <c>*</c> stands for any text. Case is ignored, and <c>_</c> equals <c>-</c>.</summary>
internal static class NamePattern
{
    /// <summary>
    /// Whether a pattern matches the name, or what follows its last slash: Grafana's agents call their jobs <c>integrations/kubernetes/kubelet</c>,
    /// Prometheus Operator's pod monitors <c>monitoring/kubelet</c>.
    /// </summary>
    public static bool AnyMatches(IReadOnlyList<string> patterns, string name)
    {
        var last = name.AsSpan(name.LastIndexOf('/') + 1);
        foreach (var pattern in patterns)
        {
            if (Matches(pattern, name) || (last.Length < name.Length && Matches(pattern, last)))
            {
                return true;
            }
        }

        return false;
    }

    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n) = (0, 0);
        var (afterStar, retryAt) = (-1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (afterStar, retryAt) = (++p, n);
            }
            else if (p < pattern.Length && Plain(pattern[p]) == Plain(name[n]))
            {
                p++;
                n++;
            }
            else if (afterStar >= 0)
            {
                (p, n) = (afterStar, ++retryAt);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].IndexOfAnyExcept('*') < 0;
    }

    private static char Plain(char character) => character == '_' ? '-' : char.ToLowerInvariant(character);
}
