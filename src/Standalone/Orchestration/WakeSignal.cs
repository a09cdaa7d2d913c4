namespace Pipeline.Standalone.Orchestration;

/// <summary>Wakes one waiter, by a call or when a time has come.</summary>
internal sealed class WakeSignal(TimeProvider clock)
{
    /// <summary>No single wait is longer: timers run on another clock than the wall's, which may be set, or go on while the machine sleeps.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private TaskCompletionSource? waiter;
    private bool isSet;

    public void Set()
    {
        lock (gate)
        {
            isSet = true;
            waiter?.TrySetResult();
        }
    }

    /// <summary>Completes after a <see cref="Set"/> since the last wait, or at <paramref name="dueAt"/>, or somewhat sooner. Null: only by a call.</summary>
    public async Task WaitAsync(DateTimeOffset? dueAt, CancellationToken cancellationToken)
    {
        Task woken;
        lock (gate)
        {
            waiter = isSet ? null : new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            isSet = false;
            woken = waiter?.Task ?? Task.CompletedTask;
        }

        var delay = WaitUntil(dueAt, clock.GetUtcNow());
        if (delay == TimeSpan.Zero)
        {
            return;
        }

        using var timer = delay == Timeout.InfiniteTimeSpan ? null : clock.CreateTimer(_ => Set(), null, delay, Timeout.InfiniteTimeSpan);
        await woken.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (gate)
        {
            isSet = false;
        }
    }

    private static TimeSpan WaitUntil(DateTimeOffset? dueAt, DateTimeOffset now)
    {
        if (dueAt is not { } due)
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Timers count whole milliseconds and round down; a wake before the time would find nothing due.
        var wait = TimeSpan.FromMilliseconds(Math.Ceiling((due - now).TotalMilliseconds));
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait;
    }
}
