using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;

namespace Pipeline.Standalone.Orchestration;

/// <summary>Runs activities that are due and commits their outcomes, some beside each other.</summary>
internal sealed partial class ActivityRunner(
    OrchestrationWork work, OrchestrationCatalog catalog, ReadyInstances ready, TimeProvider clock, OrchestrationEngineOptions options, ILogger logger)
{
    private readonly ConcurrentDictionary<StepKey, TaskCompletionSource> inHand = new();
    private readonly WakeSignal wake = new(clock);

    /// <summary>There may be new calls.</summary>
    public void Wake() => wake.Set();

    /// <summary>Runs the call that is longest due, if any.</summary>
    public async Task<bool> RunOneAsync(CancellationToken cancellationToken)
    {
        if (work.DueActivities(clock.GetUtcNow(), 1) is not [var call])
        {
            return false;
        }

        await CommitAsync(call, await call.AttemptAsync(catalog, clock, options.Random, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return true;
    }

    /// <summary>Starts what is due and finds room, then waits until that may be more.</summary>
    public async Task StartDueAsync(CancellationToken stopping, CancellationToken hurry)
    {
        var now = clock.GetUtcNow();

        // One that was in hand before the rows are read may have ended since, and its row here is then an old one. Its end wakes this again.
        var wasInHand = inHand.Keys.ToHashSet();

        // Calls in hand are due as well, so as many rows as there are places always hold one for each free place.
        foreach (var call in work.DueActivities(now, options.ConcurrentActivities).Where(call => !wasInHand.Contains(call.Key)))
        {
            if (inHand.Count < options.ConcurrentActivities && inHand.TryAdd(call.Key, new TaskCompletionSource()))
            {
                _ = Task.Run(() => RunInHandAsync(call, stopping, hurry), CancellationToken.None);
            }
        }

        await wake.WaitAsync(work.NextActivityAfter(now), stopping).ConfigureAwait(false);
    }

    public Task WhenHandsAreEmpty() => Task.WhenAll(inHand.Values.Select(ended => ended.Task));

    private async Task RunInHandAsync(ActivityCall call, CancellationToken stopping, CancellationToken hurry)
    {
        try
        {
            var attempt = await call.AttemptAsync(catalog, clock, options.Random, hurry).ConfigureAwait(false);
            while (!await TryCommitAsync(call, attempt).ConfigureAwait(false) && !stopping.IsCancellationRequested)
            {
                await Task.Delay(OrchestrationWorker.StoreRetryDelay, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            LogCutShort(logger, call.Name, call.Key.InstanceId);
        }
        finally
        {
            if (inHand.TryRemove(call.Key, out var ended))
            {
                ended.SetResult();
            }

            wake.Set();
        }
    }

    private async Task<bool> TryCommitAsync(ActivityCall call, ActivityAttempt attempt)
    {
        try
        {
            await CommitAsync(call, attempt).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            LogNotCommitted(logger, call.Name, call.Key.InstanceId, exception);
            return false;
        }
    }

    private async Task CommitAsync(ActivityCall call, ActivityAttempt attempt)
    {
        switch (attempt)
        {
            case ActivityAttempt.Again again:
                LogWillRetry(logger, call.Name, call.Key.InstanceId, call.FailedAttempts + 1, again.At, again.Fault);
                await work.RetryActivityAsync(call.Key, again.At).ConfigureAwait(false);
                break;
            case ActivityAttempt.Ended ended:
                if (ended.Fault is { } fault)
                {
                    LogFailed(logger, call.Name, call.Key.InstanceId, call.FailedAttempts + 1, fault);
                }

                if (await work.EndActivityAsync(call.Key, ended.Event).ConfigureAwait(false))
                {
                    ready.Add(call.Key.InstanceId);
                }

                break;
        }
    }

    [LoggerMessage(210, LogLevel.Warning, "Activity {Activity} of {InstanceId} failed at attempt {Attempt}; the next is at {RetryAt:O}.")]
    private static partial void LogWillRetry(ILogger logger, string activity, string instanceId, int attempt, DateTimeOffset retryAt, Exception fault);

    [LoggerMessage(211, LogLevel.Error, "Activity {Activity} of {InstanceId} failed at attempt {Attempt}, the last.")]
    private static partial void LogFailed(ILogger logger, string activity, string instanceId, int attempt, Exception fault);

    [LoggerMessage(212, LogLevel.Warning, "Activity {Activity} of {InstanceId} was cut short by the stop; it runs again at the next start.")]
    private static partial void LogCutShort(ILogger logger, string activity, string instanceId);

    [LoggerMessage(213, LogLevel.Error, "The outcome of activity {Activity} of {InstanceId} could not be stored; it is tried again.")]
    private static partial void LogNotCommitted(ILogger logger, string activity, string instanceId, Exception exception);
}
