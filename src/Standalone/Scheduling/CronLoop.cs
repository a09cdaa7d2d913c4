using Microsoft.Extensions.Logging;
using Pipeline.Runtime;
using Pipeline.Runtime.Scheduling;

namespace Pipeline.Standalone.Scheduling;

/// <summary>
/// Runs jobs at their times. Each time is served once: what was served is remembered in the table, a time missed while the process was down is
/// served at the start, one that failed is tried again. On the first start of all nothing before it is owed. Jobs don't wait for each other.
/// </summary>
internal sealed class CronLoop : IDisposable
{
    /// <summary>However far off the next time is: so soon a clock that was set, or a machine that slept, is noticed.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private static readonly TimeSpan WaitForStore = TimeSpan.FromMinutes(1);

    private readonly List<ScheduledJobRunner> runners;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <exception cref="ArgumentException">A job's schedule can't be used, or two jobs have one name; the message says which.</exception>
    public CronLoop(IEnumerable<ScheduledJob> jobs, IEntityTable table, TimeProvider time, ILogger<CronLoop> logger)
    {
        this.time = time;
        this.logger = logger;
        var names = new HashSet<string>(StringComparer.Ordinal);
        runners = [];
        foreach (var job in jobs)
        {
            if (!names.Add(job.Name))
            {
                throw new ArgumentException($"Two jobs are named '{job.Name}'. A name says what was served; give each job its own.", nameof(jobs));
            }

            if (!CronSchedule.TryParse(job.Cron, job.TimeZone, out var schedule, out var error))
            {
                throw new ArgumentException($"The job '{job.Name}' can't be scheduled: {error}", nameof(jobs));
            }

            runners.Add(new ScheduledJobRunner(job, schedule, table, time, logger));
        }
    }

    /// <summary>When a job has something to do next, of the jobs that were drained before; null where there is none.</summary>
    public DateTimeOffset? NextDue => runners.Min(runner => runner.NextDue);

    /// <summary>Runs all that is due now, for a caller that keeps the clock itself.</summary>
    /// <exception cref="StoreUnavailableException">What was served can't be read or noted. A job's own failure isn't thrown.</exception>
    public Task DrainAsync(CancellationToken cancellationToken = default) =>
        Task.WhenAll(runners.Select(runner => runner.DrainAsync(cancellationToken)));

    /// <summary>Runs jobs at their times until cancelled, and then returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(runners.Select(runner => RunAsync(runner, cancellationToken))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host is stopping; what was in hand is served again at the next start.
        }
    }

    public void Dispose() => runners.ForEach(runner => runner.Dispose());

    private async Task RunAsync(ScheduledJobRunner runner, CancellationToken cancellationToken)
    {
        while (true)
        {
            var wait = await DrainAsync(runner, cancellationToken).ConfigureAwait(false);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<TimeSpan> DrainAsync(ScheduledJobRunner runner, CancellationToken cancellationToken)
    {
        try
        {
            await runner.DrainAsync(cancellationToken).ConfigureAwait(false);
            return runner.NextDue is { } due ? due - time.GetUtcNow() : TimeSpan.Zero;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.ScheduleUnavailable(exception, runner.Name, WaitForStore.TotalSeconds);
            return WaitForStore;
        }
    }
}
