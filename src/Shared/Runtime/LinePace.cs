namespace Pipeline.Runtime;

/// <summary>Lets one log line of a kind through each minute and counts those it held back, so that a lasting trouble doesn't fill the log.</summary>
internal sealed class LinePace(TimeProvider time)
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private long? last;
    private long held;

    /// <summary>Returns whether a line is due now.</summary>
    /// <param name="heldBack">Lines held back since the one before.</param>
    public bool IsDue(out long heldBack)
    {
        lock (gate)
        {
            heldBack = held;
            if (last is { } before && time.GetElapsedTime(before) < Every)
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
