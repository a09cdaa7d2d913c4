using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Pipeline.Functions.Hosting;
using Pipeline.Hosting;
using Pipeline.Reports;

namespace Pipeline.Functions.Triggers;

/// <summary>
/// One timer a scheduled job. When a job's time has come, in its own time zone, and which times were served already, the job's schedule
/// knows; the timer only has it look often enough. So the host need not monitor what it missed: of a timer a minute it would warn at
/// every start.
/// </summary>
public sealed class TimerFunctions(FunctionServices services)
{
    /// <summary>The review's own cron stands in the configuration; it comes at most so much later.</summary>
    public const string ReviewLook = "*/5 * * * *";

    [Function("Sweep")]
    public Task Sweep(
        [TimerTrigger(Housekeeping.SweepCron, UseMonitor = false)] TimerInfo timer,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) =>
        services.RunJobAsync(Housekeeping.SweepJob, durable, cancellationToken);

    [Function("PurgePosts")]
    public Task PurgePosts(
        [TimerTrigger(Housekeeping.PurgeCron, UseMonitor = false)] TimerInfo timer,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) =>
        services.RunJobAsync(Housekeeping.PurgeJob, durable, cancellationToken);

    [Function("WeeklyReview")]
    public Task WeeklyReview(
        [TimerTrigger(ReviewLook, UseMonitor = false)] TimerInfo timer,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) =>
        services.RunJobAsync(WeeklyReviewJob.Name, durable, cancellationToken);
}
