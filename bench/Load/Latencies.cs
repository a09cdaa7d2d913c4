using System.Diagnostics;
using System.Numerics;

namespace Pipeline.Bench.Load;

/// <summary>A histogram of microseconds with 64 steps to each doubling: at most 1.6 % off, whatever the count.</summary>
internal sealed class Latencies
{
    private const int StepBits = 6;
    private const int Steps = 1 << StepBits;

    private readonly long[] counts = new long[Steps * 40];

    public long Count { get; private set; }

    public void Add(long stopwatchTicks)
    {
        var microseconds = stopwatchTicks * 1_000_000 / Stopwatch.Frequency;
        counts[Math.Min(IndexOf(Math.Max(0, microseconds)), counts.Length - 1)]++;
        Count++;
    }

    public void Add(Latencies other)
    {
        for (var index = 0; index < counts.Length; index++)
        {
            counts[index] += other.counts[index];
        }

        Count += other.Count;
    }

    /// <summary>The latency that this share of all (0 to 1) did not exceed.</summary>
    public TimeSpan Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (var index = 0; index < counts.Length; index++)
        {
            seen += counts[index];
            if (seen >= wanted && seen > 0)
            {
                return TimeSpan.FromMicroseconds(UpperEndOf(index));
            }
        }

        return TimeSpan.Zero;
    }

    private static int IndexOf(long value)
    {
        var doublings = Math.Max(0, BitOperations.Log2((ulong)value) - StepBits);
        return (doublings << StepBits) + (int)(value >> doublings);
    }

    private static long UpperEndOf(int index)
    {
        var doublings = Math.Max(0, (index >> StepBits) - 1);
        var step = index - (doublings << StepBits);
        return ((long)(step + 1) << doublings) - 1;
    }
}
