namespace Pipeline.Standalone.Hosting;

/// <summary>Time that begins at <paramref name="start"/> and runs <paramref name="factor"/> times as fast; for the demo.</summary>
internal sealed class ScaledTimeProvider(DateTimeOffset start, double factor) : TimeProvider
{
    private readonly long begun = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => start + (System.GetElapsedTime(begun) * factor);

    public override long GetTimestamp() => begun + (long)((System.GetTimestamp() - begun) * factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Scale(dueTime), Scale(period));

    private TimeSpan Scale(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? span : span / factor;
}
