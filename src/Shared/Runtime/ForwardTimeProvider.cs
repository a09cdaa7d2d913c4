namespace Pipeline.Runtime;

/// <summary>
/// Tells the time of <paramref name="clock"/>, but goes on by the timestamp where somebody sets that clock back, so that
/// no wait for a stored time becomes longer while the process runs. Follows where it is set forward.
/// </summary>
internal sealed class ForwardTimeProvider(TimeProvider clock) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly DateTimeOffset began = clock.GetUtcNow();
    private readonly long beginning = clock.GetTimestamp();

    // By how much the clock was set forward since, at most.
    private TimeSpan lead;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            var steady = began + clock.GetElapsedTime(beginning);
            var ahead = clock.GetUtcNow() - steady;
            lead = ahead > lead ? ahead : lead;
            return steady + lead;
        }
    }

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
