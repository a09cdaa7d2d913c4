namespace Pipeline.Runtime;

/// <summary>
/// Lets one log line of each kind through in an interval, as <see cref="LinePace"/> does of one kind. Kinds beyond a
/// number share one, since they can be a stranger's text. A kind that had no line for an interval makes room for others.
/// </summary>
internal sealed class LogLimiter(TimeProvider time, TimeSpan every, int maxKinds)
{
    private const string Others = "";

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinePace> kinds = new(StringComparer.Ordinal);

    /// <summary>Returns whether to write a line now.</summary>
    /// <param name="heldBack">Lines of this kind held back since the one before.</param>
    public bool Allows(string kind, out long heldBack)
    {
        lock (gate)
        {
            return PaceOf(kind).IsDue(out heldBack);
        }
    }

    private LinePace PaceOf(string kind)
    {
        if (kinds.TryGetValue(kind, out var known))
        {
            return known;
        }

        if (kinds.Count >= maxKinds)
        {
            foreach (var (old, _) in kinds.Where(each => each.Key != Others && each.Value.HasPassed))
            {
                kinds.Remove(old);
            }
        }

        var key = kinds.Count < maxKinds ? kind : Others;
        return kinds.TryGetValue(key, out known) ? known : kinds[key] = new LinePace(time, every);
    }
}
