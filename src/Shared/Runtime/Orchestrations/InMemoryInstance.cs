using System.Text.Json;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>One instance of <see cref="InMemoryOrchestrations"/>, used under its lock.</summary>
internal sealed class InMemoryInstance(OrchestrationInstance state)
{
    private OrchestrationRun? run;
    private long lostGeneration;

    public OrchestrationInstance State { get; set; } = state;

    public List<OrchestrationEvent> Inbox { get; } = [];

    public Dictionary<int, DateTimeOffset> Timers { get; } = [];

    public Dictionary<StepKey, ActivityCall> Activities { get; } = [];

    public long Generation => run?.Identity.Generation ?? 0;

    public bool HasTurn => State.IsRunning && (Inbox.Count > 0 || Interlocked.Read(ref lostGeneration) == Generation);

    public long FirstEvent => Inbox is [var first, ..] ? first.Id : 0;

    public IEnumerable<DateTimeOffset> DueTimes => [.. Timers.Values, .. Activities.Values.Select(call => call.DueAt)];

    public IEnumerable<DueTimer> DueTimers(DateTimeOffset now) =>
        Timers.Where(timer => timer.Value <= now).Select(timer => new DueTimer(this, timer.Key, timer.Value));

    /// <summary>The code of that generation awaited something foreign, seen between turns by another thread; the next turn fails it.</summary>
    public void LoseWay(long generation) => Interlocked.Exchange(ref lostGeneration, generation);

    public void Begin(OrchestrationRun next, IReadOnlyList<OrchestrationEvent> events)
    {
        run = next;
        Timers.Clear();
        Activities.Clear();
        Inbox.InsertRange(0, events);
    }

    public TurnOutcome TakeTurn(DateTimeOffset now)
    {
        List<OrchestrationEvent> events = [.. Inbox];
        Inbox.Clear();
        return run!.TakeTurn(now, events);
    }

    /// <summary>Sets out what the orchestrator now waits for.</summary>
    public void Wait(TurnOutcome outcome)
    {
        State = State with { RuntimeStatus = OrchestrationStatus.Running, CustomStatus = outcome.CustomStatus, LastUpdatedTime = outcome.At };
        foreach (var timer in outcome.NewTimers)
        {
            Timers.Add(timer.Number, timer.DueAt);
        }

        foreach (var cancelled in outcome.CancelledTimers)
        {
            Timers.Remove(cancelled);
        }

        foreach (var step in outcome.Steps.OfType<OrchestrationStep.Activity>())
        {
            var key = new StepKey(State.InstanceId, Generation, step.Number);
            Activities.Add(key, new ActivityCall(key, step.Name, step.Input, step.Retry, 0, outcome.At));
        }
    }

    public void End(OrchestrationStatus status, DateTimeOffset at, JsonElement? output, JsonElement? customStatus, string? failure = null)
    {
        run = null;
        Inbox.Clear();
        Timers.Clear();
        Activities.Clear();
        State = State with
        {
            RuntimeStatus = status,
            Output = output,
            CustomStatus = customStatus,
            LastUpdatedTime = at,
            FailureDetails = failure,
        };
    }
}

internal sealed record DueTimer(InMemoryInstance Instance, int Step, DateTimeOffset DueAt);
