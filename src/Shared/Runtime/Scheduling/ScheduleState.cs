namespace Pipeline.Runtime.Scheduling;

/// <summary>What is remembered of a job over restarts: up to when its times were looked at, and which of them it still owes.</summary>
/// <param name="LookedAtUntil">Every time of the schedule up to here was served, is in <paramref name="Owed"/>, or was skipped.</param>
/// <param name="Owed">Oldest first. A time that failed stays here, and later ones don't wait for it.</param>
internal sealed record ScheduleState(DateTimeOffset LookedAtUntil, IReadOnlyList<OwedRun> Owed)
{
    /// <summary>Of the retry after the first failure; each further one waits twice as long.</summary>
    public static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    /// <summary>A job never seen before owes nothing: its first time is the next one.</summary>
    public static ScheduleState StartingAt(DateTimeOffset now) => new(now, []);

    /// <summary>Adds the times that have come since, the latest <paramref name="max"/> in all; older ones are skipped.</summary>
    public CatchUp CatchUpTo(DateTimeOffset now, CronSchedule schedule, int max)
    {
        // Somebody set the clock back. A job that asks for its latest time only, as a sweep does, doesn't wait until it is as late again.
        if (max == 1 && LookedAtUntil > now && schedule.Previous(now) is { } latest)
        {
            return StartingAt(latest.AddTicks(-1)).CatchUpTo(now, schedule, max);
        }

        // Backwards from now, so that a year of missed minutes costs no more than one of missed weeks.
        var missed = new List<OwedRun>();
        var at = schedule.Previous(now);
        while (at > LookedAtUntil && missed.Count < max)
        {
            missed.Add(new OwedRun(at.Value, Failures: 0, NotBefore: at.Value));
            at = schedule.Previous(at.Value.AddTicks(-1));
        }

        if (missed.Count == 0)
        {
            return new CatchUp(this, SkippedBefore: null);
        }

        missed.Reverse();
        IReadOnlyList<OwedRun> all = [.. Owed, .. missed];
        var kept = all.Skip(all.Count - max).ToList();
        var hasSkipped = at > LookedAtUntil || kept.Count < all.Count;
        return new CatchUp(new ScheduleState(missed[^1].ScheduledFor, kept), hasSkipped ? kept[0].ScheduledFor : null);
    }

    /// <summary>The oldest time that may be tried now, or null.</summary>
    public OwedRun? Ready(DateTimeOffset now) => Owed.FirstOrDefault(run => run.NotBefore <= now);

    public ScheduleState Succeeded(OwedRun run) => this with { Owed = [.. Owed.Where(other => other != run)] };

    public ScheduleState Failed(OwedRun run, DateTimeOffset now) => this with
    {
        Owed = [.. Owed.Select(other => other == run ? run with { Failures = run.Failures + 1, NotBefore = now + RetryAfter(run.Failures) } : other)],
    };

    /// <summary>When there is something to do next: a retry, or the schedule's next time.</summary>
    public DateTimeOffset NextDue(CronSchedule schedule)
    {
        var next = schedule.Next(LookedAtUntil);
        return Owed.Count == 0 ? next : Min(next, Owed.Min(run => run.NotBefore));
    }

    private static TimeSpan RetryAfter(int earlierFailures) =>
        earlierFailures >= 6 ? LongestRetry : Min(FirstRetry * (1 << earlierFailures), LongestRetry);

    private static T Min<T>(T one, T other)
        where T : IComparable<T> => one.CompareTo(other) <= 0 ? one : other;
}

/// <param name="NotBefore">When to try: the scheduled time, later after a failure.</param>
internal sealed record OwedRun(DateTimeOffset ScheduledFor, int Failures, DateTimeOffset NotBefore);

/// <param name="SkippedBefore">Times before this one were skipped; null where none was.</param>
internal sealed record CatchUp(ScheduleState State, DateTimeOffset? SkippedBefore);
