using Pipeline.Incidents;
using Pipeline.Incidents.Alertmanagers;
using Pipeline.Runtime;

namespace Pipeline.Hosting;

/// <summary>The small jobs that keep the pipeline's promises when something else failed to.</summary>
internal static class Housekeeping
{
    public const string SweepJob = "sweep";

    public const string SweepCron = "* * * * *";

    public const string PurgeJob = "purge-posts";

    public const string PurgeCron = "17 3 * * *";

    /// <summary>Every minute: tell what a crash left untold, and mark alerts that nobody repeats any more, and ask their Alertmanagers.</summary>
    public static ScheduledJob Sweep(IncidentSignals signals, StaleAlerts stale, AlertmanagerWatch alertmanagers) => new(
        SweepJob,
        SweepCron,
        "UTC",
        (_, cancellationToken) => EachAsync(cancellationToken, signals.SweepAsync, stale.SweepAsync, alertmanagers.SweepAsync))
    {
        MaxCatchUp = 1,
    };

    /// <summary>Every night: remove payloads that were kept long enough.</summary>
    public static ScheduledJob PurgePosts(IPostLog posts, TimeSpan keep) => new(
        PurgeJob,
        PurgeCron,
        "UTC",
        (run, cancellationToken) => posts.PurgeAsync(run.Now - keep, cancellationToken))
    {
        MaxCatchUp = 1,
    };

    /// <summary>Runs all parts in turn, also those behind one that failed.</summary>
    /// <exception cref="AggregateException">What failed.</exception>
    internal static async Task EachAsync(CancellationToken cancellationToken, params Func<CancellationToken, Task>[] parts)
    {
        var faults = new List<Exception>();
        foreach (var part in parts)
        {
            try
            {
                await part(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                faults.Add(exception);
            }
        }

        if (faults.Count > 0)
        {
            throw new AggregateException(faults);
        }
    }
}
