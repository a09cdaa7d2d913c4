using System.Collections.Concurrent;

namespace Pipeline.Runtime;

/// <summary>
/// Lets one log line of each kind through in an interval, as <see cref="LinePace"/> does of one kind. Kinds beyond a
/// number share one, since
/// they can be a stranger's text.
/// </summary>
internal sealed class LogLimiter(TimeProvider time, TimeSpan every, int maxKinds)
{
    private const string Others = "";

    private readonly ConcurrentDictionary<string, LinePace> kinds = new(StringComparer.Ordinal);

    /// <summary>Returns whether to write a line now.</summary>
    /// <param name="heldBack">Lines of this kind held back since the one before.</param>
    public bool Allows(string kind, out long heldBack)
    {
        var pace = kinds.TryGetValue(kind, out var known)
            ? known
            : kinds.GetOrAdd(kinds.Count < maxKinds ? kind : Others, _ => new LinePace(time, every));
        return pace.IsDue(out heldBack);
    }
}
