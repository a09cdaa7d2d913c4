using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Pipeline.Standalone.Scheduling;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Hosting;

/// <summary>
/// What moves the pipeline when nobody calls: posts are split, alerts become incidents, orchestrations go on, notifications leave, jobs run.
/// In the background for the program; step by step for tests and the demo, which keep the clock themselves.
/// </summary>
internal sealed partial class PipelineLoops(
    PostSplitter splitter,
    IncidentSignals signals,
    OrchestrationEngine engine,
    CronLoop cron,
    AlertIntake intake,
    NotificationDispatcher dispatcher,
    [FromKeyedServices(QueueNames.Alerts)] SqliteMessageQueue alerts,
    [FromKeyedServices(QueueNames.Notifications)] SqliteMessageQueue notifications,
    TimeProvider time,
    WorkPace pace,
    IHostApplicationLifetime lifetime,
    ILogger<QueuePump> pumpLogger) : BackgroundService
{
    // Sessions handled beside each other. Their work is waiting for commits, which the writer groups.
    private const int AlertSessions = 16;

    /// <summary>A channel has two. More than anybody's channels, because a session of a far end that doesn't answer is busy for half a minute.</summary>
    internal const int NotificationSessions = 64;
    internal const int NotificationsAtOnce = 32;

    private readonly QueuePump alertPump = new(alerts, intake, pumpLogger, timeProvider: time, pace: pace);
    private readonly QueuePump notificationPump = new(notifications, dispatcher, pumpLogger, NotificationsAtOnce, time);

    /// <summary>When something falls due next by the clock; null where nothing does.</summary>
    public DateTimeOffset? NextDue => engine.NextDue is { } timer && (cron.NextDue is not { } job || timer < job) ? timer : cron.NextDue;

    /// <summary>The earliest timer of an orchestration; jobs left out.</summary>
    public DateTimeOffset? NextTimer => engine.NextDue;

    /// <summary>Does all that can be done now, until nothing is left.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var done = await splitter.DrainAsync(cancellationToken).ConfigureAwait(false)
                + await alertPump.DrainAsync(cancellationToken).ConfigureAwait(false)
                + await engine.DrainAsync(cancellationToken).ConfigureAwait(false)
                + await notificationPump.DrainAsync(cancellationToken).ConfigureAwait(false);
            if (done == 0)
            {
                await cron.DrainAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A program that can't listen pages nobody: one beside it may be the one that works.
        if (!await IsStartedAsync(stoppingToken).ConfigureAwait(false))
        {
            return;
        }

        await Task.WhenAll(
            SweepAtStartAsync(stoppingToken),
            splitter.RunAsync(stoppingToken),
            alertPump.RunAsync(AlertSessions, stoppingToken),
            engine.RunAsync(stoppingToken),
            notificationPump.RunAsync(NotificationSessions, stoppingToken),
            cron.RunAsync(stoppingToken)).ConfigureAwait(false);
    }

    private async Task<bool> IsStartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onStart = lifetime.ApplicationStarted.Register(() => started.TrySetResult(true));
        using var onStop = stoppingToken.Register(() => started.TrySetResult(false));
        return await started.Task.ConfigureAwait(false);
    }

    // What a crash left untold is told now; where that fails, the sweep of the next minute does it.
    private async Task SweepAtStartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await signals.SweepAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
            LogNotSwept(pumpLogger, exception);
        }
    }

    [LoggerMessage(128, LogLevel.Warning, "The sweep at start was not finished; the next one goes on.")]
    private static partial void LogNotSwept(ILogger logger, Exception exception);
}
