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
        async (_, cancellationToken) =>
        {
            await signals.SweepAsync(cancellationToken).ConfigureAwait(false);
            await stale.SweepAsync(cancellationToken).ConfigureAwait(false);
            await alertmanagers.SweepAsync(cancellationToken).ConfigureAwait(false);
        })
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
}
