namespace Pipeline.Tests.Support;

/// <summary>Time that stands still until a test moves it. Timers fire in order of their due times, on the thread that moves it.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];

    // What the timestamp and the timers go by; the wall clock is this and however much somebody has set it by.
    private DateTimeOffset now;
    private TimeSpan wallClockSetBy;

    public ManualTimeProvider(DateTimeOffset start) => now = start;

    /// <summary>Monday 2026-01-05 09:00 UTC, where most tests begin.</summary>
    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>When the next timer is due, or null.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (gate)
            {
                return timers.Count == 0 ? null : timers.Min(timer => timer.Due) + wallClockSetBy;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now + wallClockSetBy;
        }
    }

    public override long GetTimestamp()
    {
        lock (gate)
        {
            return now.Ticks;
        }
    }

    public void Advance(TimeSpan by) => AdvanceTo(GetUtcNow() + by);

    public void AdvanceTo(DateTimeOffset to)
    {
        var until = to - wallClockSetBy;
        while (TakeDue(until) is { } timer)
        {
            timer.Fire();
        }

        lock (gate)
        {
            now = until > now ? until : now;
        }
    }

    /// <summary>Moves time as on a machine whose timers run late: those that fall due meanwhile fire at the next <see cref="Advance"/>.</summary>
    public void AdvanceBeforeTimers(TimeSpan by)
    {
        lock (gate)
        {
            now += by;
        }
    }

    /// <summary>Sets the wall clock forward, or back by a negative time. Timestamp and timers don't notice.</summary>
    public void SetWallClock(TimeSpan by)
    {
        lock (gate)
        {
            wallClockSetBy += by;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeDue(DateTimeOffset until)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is null)
            {
                return null;
            }

            now = next.Due > now ? next.Due : now;
            if (next.Period > TimeSpan.Zero)
            {
                next.Due += next.Period;
            }
            else
            {
                timers.Remove(next);
            }

            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        // The system's timers refuse a negative time too.
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner.gate)
            {
                owner.timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
                    Due = owner.now + dueTime;
                    Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                    owner.timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (owner.gate)
            {
                owner.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
