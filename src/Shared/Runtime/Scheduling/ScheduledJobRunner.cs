using Microsoft.Extensions.Logging;

namespace Pipeline.Runtime.Scheduling;

/// <summary>Serves the times of one job, one after the other, and remembers in the table which were served.</summary>
internal sealed class ScheduledJobRunner(ScheduledJob job, CronSchedule schedule, IEntityTable table, TimeProvider time, ILogger logger) : IDisposable
{
    private const string Partition = "schedules";

    private readonly string rowKey = EntityLimits.EscapeKey(job.Name);
    private readonly SemaphoreSlim oneAtATime = new(1, 1);
    private Stored<ScheduleState>? remembered;

    public string Name => job.Name;

    /// <summary>Null until <see cref="DrainAsync"/> has read what is remembered.</summary>
    public DateTimeOffset? NextDue => Volatile.Read(ref remembered)?.Value.NextDue(schedule);

    /// <summary>Runs the job for each time that is due now. A run that fails is logged and due again later.</summary>
    /// <exception cref="StoreUnavailableException">What was served can't be read or noted.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            bool hasRun;
            do
            {
                hasRun = await RunOneAsync(cancellationToken).ConfigureAwait(false);
            }
            while (hasRun);
        }
        catch
        {
            // What was written is not known now; the next turn reads it.
            remembered = null;
            throw;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    public void Dispose() => oneAtATime.Dispose();

    private async Task<bool> RunOneAsync(CancellationToken cancellationToken)
    {
        remembered ??= await ReadOrStartAsync(cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var (state, skippedBefore) = remembered.Value.CatchUpTo(now, schedule, Math.Max(1, job.MaxCatchUp));
        // A job that asks for its latest time only, as a sweep does, misses nothing.
        if (skippedBefore is { } firstKept && job.MaxCatchUp > 1)
        {
            logger.TimesSkipped(job.Name, firstKept);
        }

        if (state.Ready(now) is not { } run)
        {
            return false;
        }

        var succeeded = await TryRunAsync(run, now, cancellationToken).ConfigureAwait(false);
        var after = succeeded ? state.Succeeded(run) : state.Failed(run, time.GetUtcNow());
        remembered = await SaveAsync(after, remembered.ETag).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> TryRunAsync(OwedRun run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await job.Run(new ScheduledRun(run.ScheduledFor, now), cancellationToken).ConfigureAwait(false);
            logger.JobRan(job.Name, run.ScheduledFor);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.JobFailed(exception, job.Name, run.ScheduledFor, run.Failures + 1);
            return false;
        }
    }

    private async Task<Stored<ScheduleState>> ReadOrStartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await table.GetAsync<ScheduleState>(Partition, rowKey, cancellationToken).ConfigureAwait(false) is { } stored)
            {
                return stored;
            }

            var state = ScheduleState.StartingAt(time.GetUtcNow());
            var insert = new EntityWrite.Insert(rowKey, PipelineJson.ToUtf8(state));
            var outcome = await table.CommitAsync(Partition, [insert], cancellationToken).ConfigureAwait(false);
            if (outcome.IsCommitted)
            {
                return new Stored<ScheduleState>(state, rowKey, outcome.ETags[0]);
            }
        }
    }

    /// <summary>Null where another process wrote meanwhile: then what it wrote counts, and is read next.</summary>
    private async Task<Stored<ScheduleState>?> SaveAsync(ScheduleState state, string etag)
    {
        // Not to be cancelled: the work is done, and a stop that came meanwhile shouldn't have it done again.
        var replace = new EntityWrite.Replace(rowKey, PipelineJson.ToUtf8(state), etag);
        var outcome = await table.CommitAsync(Partition, [replace], CancellationToken.None).ConfigureAwait(false);
        return outcome.IsCommitted ? new Stored<ScheduleState>(state, rowKey, outcome.ETags[0]) : null;
    }
}

internal static partial class SchedulingLog
{
    [LoggerMessage(410, LogLevel.Debug, "Job {Job} ran for {ScheduledFor:o}")]
    public static partial void JobRan(this ILogger logger, string job, DateTimeOffset scheduledFor);

    [LoggerMessage(411, LogLevel.Error, "Job {Job} failed for {ScheduledFor:o}, attempt {Attempt}; it will be tried again")]
    public static partial void JobFailed(this ILogger logger, Exception exception, string job, DateTimeOffset scheduledFor, int attempt);

    [LoggerMessage(412, LogLevel.Warning, "Job {Job} missed more of its times than are made up for; those before {FirstKept:o} are skipped")]
    public static partial void TimesSkipped(this ILogger logger, string job, DateTimeOffset firstKept);

    [LoggerMessage(413, LogLevel.Error, "The schedule of job {Job} can't be read or noted now; it will be tried again in {Seconds} s")]
    public static partial void ScheduleUnavailable(this ILogger logger, Exception exception, string job, double seconds);
}
