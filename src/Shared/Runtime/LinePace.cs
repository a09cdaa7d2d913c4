namespace Pipeline.Runtime;

/// <summary>
/// Lets one log line of a kind through in an interval and counts those it held back, so that a lasting trouble doesn't
/// fill the log.
/// </summary>
/// <param name="every">Null: a minute.</param>
internal sealed class LinePace(TimeProvider time, TimeSpan? every = null)
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private long? last;
    private long held;

    /// <summary>Returns whether the interval after the last line is over, or there was none.</summary>
    public bool HasPassed
    {
        get
        {
            lock (gate)
            {
                return last is not { } before || time.GetElapsedTime(before) >= (every ?? Every);
            }
        }
    }

    /// <summary>Returns whether a line is due now.</summary>
    /// <param name="heldBack">Lines held back since the one before.</param>
    public bool IsDue(out long heldBack)
    {
        lock (gate)
        {
            heldBack = held;
            if (!HasPassed)
            {
                held++;
                return false;
            }

            last = time.GetTimestamp();
            held = 0;
            return true;
        }
    }
}
