namespace Pipeline.Runtime;

public static class OrchestrationContextExtensions
{
    /// <summary>
    /// Waits for the first of <paramref name="tasks"/> to end, but not beyond <paramref name="dueAt"/>; the timer is removed when it loses.
    /// Tasks that did not end stay as they are: a waiter for an external event can be given to the next call again.
    /// Gives the task that ended, whatever its outcome (await it for its result), or null when the time is up.
    /// </summary>
    public static async Task<Task?> WhenAnyUntil(this IOrchestrationContext context, DateTimeOffset dueAt, params Task[] tasks)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(tasks);
        if (Array.Find(tasks, task => task.IsCompleted) is { } ended)
        {
            return ended;
        }

        Task first;
        Task timer;
        using (var timerLost = new CancellationTokenSource())
        {
            timer = context.CreateTimer(dueAt, timerLost.Token);
            first = await Task.WhenAny([.. tasks, timer]).ConfigureAwait(true);
            if (first != timer)
            {
#pragma warning disable MA0042 // CancelAsync would go on in the thread pool, outside the orchestrator's turn.
                timerLost.Cancel();
#pragma warning restore MA0042
            }
        }

        return first == timer ? null : first;
    }
}
