namespace Pipeline.Runtime;

/// <summary>
/// Something done at set times, whichever host keeps the clock: a cron loop, or a timer trigger.
/// A time can come twice (a crash between the work and the note that it was done), so <paramref name="Run"/> must be idempotent.
/// </summary>
/// <param name="Name">Identifies the job over restarts; a job with another name begins anew.</param>
/// <param name="Cron">As <see cref="CronSchedule"/> reads it.</param>
/// <param name="TimeZone">An IANA name.</param>
public sealed record ScheduledJob(string Name, string Cron, string TimeZone, Func<ScheduledRun, CancellationToken, Task> Run)
{
    /// <summary>After downtime so many of the times missed are made up for, the latest ones; at least 1.</summary>
    public int MaxCatchUp { get; init; } = 8;
}

/// <param name="ScheduledFor">The time that is served, which may be long past.</param>
/// <param name="Now">The time by the clock.</param>
public sealed record ScheduledRun(DateTimeOffset ScheduledFor, DateTimeOffset Now);
