using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Standalone.Orchestration;

/// <summary>Drives turns, timers and activities: one by one for a caller, or beside each other in the background.</summary>
internal sealed partial class OrchestrationWorker(
    OrchestrationWork work,
    TurnRunner turns,
    ActivityRunner activities,
    ReadyInstances ready,
    TimeProvider clock,
    OrchestrationEngineOptions options,
    ILogger logger)
{
    public static readonly TimeSpan StoreRetryDelay = TimeSpan.FromSeconds(1);
    private readonly WakeSignal timersWake = new(clock);

    /// <summary>Does the next piece of work that can be done now: the timers that are due, a turn, or an activity. False where there is none.</summary>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        if (await FireTimersAsync().ConfigureAwait(false))
        {
            return true;
        }

        if (!ready.TryTake(out var instanceId))
        {
            Recover();
            if (!ready.TryTake(out instanceId))
            {
                return await activities.RunOneAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        await TakeTurnAsync(instanceId).ConfigureAwait(false);
        return true;
    }

    /// <summary>Works until stopped: takes nothing new then, and ends when what is in hand is finished.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested && !await GuardAsync(RecoverAsync, stopping).ConfigureAwait(false))
        {
            // The store is away; the guard has waited.
        }

        using var hurry = new CancellationTokenSource();
        var loops = new List<Task>
        {
            LoopAsync(FireTimersOrWaitAsync, stopping),
            LoopAsync(token => activities.StartDueAsync(token, hurry.Token), stopping),
        };
        loops.AddRange(Enumerable.Range(0, options.ConcurrentTurns).Select(_ => LoopAsync(TakeTurnOrWaitAsync, stopping)));
        await Task.WhenAll(loops).ConfigureAwait(false);
        await FinishActivitiesAsync(hurry).ConfigureAwait(false);
    }

    private async Task FinishActivitiesAsync(CancellationTokenSource hurry)
    {
        var finished = activities.WhenHandsAreEmpty();
        try
        {
            await finished.WaitAsync(options.StopGrace, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await hurry.CancelAsync().ConfigureAwait(false);
            await finished.ConfigureAwait(false);
        }
    }

    private Task LoopAsync(Func<CancellationToken, Task> once, CancellationToken stopping) => Task.Run(
        async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                await GuardAsync(once, stopping).ConfigureAwait(false);
            }
        },
        CancellationToken.None);

    // A fault here is the store's, or a mistake of the engine; neither may end the loop, and what was not committed is done again.
    private async Task<bool> GuardAsync(Func<CancellationToken, Task> once, CancellationToken stopping)
    {
        try
        {
            await once(stopping).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            LogFault(logger, exception);
            await Task.Delay(StoreRetryDelay, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }
    }

    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await work.ShortenRetriesAsync(clock.GetUtcNow()).ConfigureAwait(false);
        Recover();
    }

    private void Recover()
    {
        foreach (var instanceId in work.ReadyInstances())
        {
            ready.Add(instanceId);
        }
    }

    private async Task<bool> FireTimersAsync()
    {
        var fired = await work.FireTimersAsync(clock.GetUtcNow()).ConfigureAwait(false);
        foreach (var instanceId in fired)
        {
            ready.Add(instanceId);
        }

        return fired.Count > 0;
    }

    private async Task FireTimersOrWaitAsync(CancellationToken stopping)
    {
        if (!await FireTimersAsync().ConfigureAwait(false))
        {
            await timersWake.WaitAsync(work.NextTimer(), stopping).ConfigureAwait(false);
        }
    }

    private async Task TakeTurnOrWaitAsync(CancellationToken stopping)
    {
        if (ready.TryTake(out var instanceId))
        {
            await TakeTurnAsync(instanceId).ConfigureAwait(false);
        }
        else
        {
            await ready.WaitAsync(stopping).ConfigureAwait(false);
        }
    }

    private async Task TakeTurnAsync(string instanceId)
    {
        var again = true;
        try
        {
            var effects = await turns.TakeTurnAsync(instanceId).ConfigureAwait(false);
            again = effects.HasFlag(TurnEffects.ReadyAgain);
            if (effects.HasFlag(TurnEffects.NewTimers))
            {
                timersWake.Set();
            }

            if (effects.HasFlag(TurnEffects.NewActivities))
            {
                activities.Wake();
            }
        }
        finally
        {
            ready.Release(instanceId, again);
        }
    }

    [LoggerMessage(220, LogLevel.Error, "The orchestration engine met a fault; it goes on in a second with what was not committed.")]
    private static partial void LogFault(ILogger logger, Exception exception);
}
