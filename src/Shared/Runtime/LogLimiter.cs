using System.Collections.Concurrent;

namespace Pipeline.Runtime;

/// <summary>
/// Lets one log line of a kind through in an interval, and counts those that it held back. Kinds beyond a number share one, since they
/// can be a stranger's text.
/// </summary>
internal sealed class LogLimiter(TimeProvider time, TimeSpan every, int maxKinds)
{
    private const string Others = "";

    private readonly ConcurrentDictionary<string, Kind> kinds = new(StringComparer.Ordinal);

    /// <param name="heldBack">Lines of this kind held back since the last that was let through.</param>
    /// <returns>Whether to write a line now.</returns>
    public bool Allows(string kind, out long heldBack)
    {
        var known = kinds.TryGetValue(kind, out var found) ? found : kinds.GetOrAdd(kinds.Count < maxKinds ? kind : Others, _ => new Kind());
        return known.Allows(time.GetUtcNow(), every, out heldBack);
    }

    private sealed class Kind
    {
        private readonly Lock access = new();
        private DateTimeOffset? last;
        private long held;

        public bool Allows(DateTimeOffset now, TimeSpan every, out long heldBack)
        {
            lock (access)
            {
                heldBack = held;

                // A clock that was set back must not silence it.
                if (last is { } before && now >= before && now - before < every)
                {
                    held++;
                    return false;
                }

                last = now;
                held = 0;
                return true;
            }
        }
    }
}
