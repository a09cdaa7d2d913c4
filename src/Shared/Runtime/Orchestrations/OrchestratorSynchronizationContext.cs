namespace Pipeline.Runtime.Orchestrations;

/// <summary>
/// Keeps an orchestrator's code on the thread that takes its turn. Continuations run in the order they became ready.
/// One that comes from another thread proves that the code awaited something foreign: it is not run, and the run is lost.
/// </summary>
internal sealed class OrchestratorSynchronizationContext(Action whenForeign) : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> ready = [];
    private volatile int turnThread;
    private int foreign;

    public bool SawForeignAwait => Volatile.Read(ref foreign) != 0;

    /// <summary>Runs <paramref name="body"/> and what becomes ready by it, as one turn or a part of one.</summary>
    public void Run(Action body)
    {
        var before = Current;
        turnThread = Environment.CurrentManagedThreadId;
        SetSynchronizationContext(this);
        try
        {
            body();
            while (ready.TryDequeue(out var next))
            {
                next.Callback(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
            turnThread = 0;
        }
    }

    /// <summary>Throws where the caller isn't the orchestrator on its turn.</summary>
    public void CheckThread()
    {
        if (!IsTurnThread)
        {
            ReportForeign();
            throw new InvalidOperationException(ForeignAwait.Message);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsTurnThread)
        {
            ready.Enqueue((d, state));
        }
        else
        {
            ReportForeign();
        }
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        CheckThread();
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    private bool IsTurnThread => turnThread == Environment.CurrentManagedThreadId;

    private void ReportForeign()
    {
        if (Interlocked.Exchange(ref foreign, 1) == 0)
        {
            whenForeign();
        }
    }
}

/// <summary>The failure of an orchestrator that awaits what its history can't repeat.</summary>
internal static class ForeignAwait
{
    public const string Message =
        "The orchestrator awaits something that doesn't come from its context (Task.Run, Task.Delay, I/O, or ConfigureAwait(false)). " +
        "Wait with CreateTimer, do I/O in an activity, and await with ConfigureAwait(true).";

    public static OrchestrationEnding.Failed Failure { get; } = new(nameof(ForeignAwait), Message);
}
