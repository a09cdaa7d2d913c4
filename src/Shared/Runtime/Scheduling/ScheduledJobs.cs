using Microsoft.Extensions.Logging;

namespace Pipeline.Runtime.Scheduling;

/// <summary>
/// The jobs for a host whose timer triggers call, and whose next call may come to another process: what was served is read from the table
/// each time, so a time is served once wherever the trigger lands, and one missed is served at the next call.
/// </summary>
internal sealed class ScheduledJobs(IEnumerable<ScheduledJob> jobs, IEntityTable table, TimeProvider time, ILogger<ScheduledJobs> logger)
{
    private readonly Dictionary<string, (ScheduledJob Job, CronSchedule Schedule)> jobs = jobs.ToDictionary(
        job => job.Name, job => (job, CronSchedule.Parse(job.Cron, job.TimeZone)), StringComparer.Ordinal);

    public IEnumerable<ScheduledJob> All => jobs.Values.Select(entry => entry.Job);

    /// <summary>Runs the job for each of its times that is due now.</summary>
    /// <exception cref="StoreUnavailableException">What was served can't be read or noted. A job's own failure is logged, and due again later.</exception>
    public async Task DrainAsync(string name, CancellationToken cancellationToken)
    {
        var (job, schedule) = jobs[name];
        using var runner = new ScheduledJobRunner(job, schedule, table, time, logger);
        await runner.DrainAsync(cancellationToken).ConfigureAwait(false);
    }
}
