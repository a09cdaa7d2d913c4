namespace Pipeline.Runtime;

/// <summary>
/// Tells the time of <paramref name="clock"/> at its creation, and from then on goes by the timestamp: nobody can set it. For waits inside
/// one process, which a wall clock put back an hour would make an hour longer. Not for times that are kept or shown.
/// </summary>
internal sealed class SteadyTimeProvider(TimeProvider clock) : TimeProvider
{
    private readonly DateTimeOffset began = clock.GetUtcNow();
    private readonly long beginning = clock.GetTimestamp();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => began + clock.GetElapsedTime(beginning);

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
