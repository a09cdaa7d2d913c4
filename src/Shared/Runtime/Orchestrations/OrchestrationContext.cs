using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>The orchestrator's side of a run: notes the steps it asks for, and completes them when their events come.</summary>
internal sealed class OrchestrationContext(
    OrchestrationIdentity identity,
    JsonElement? input,
    JsonElement? customStatus,
    OrchestrationCatalog catalog,
    OrchestratorSynchronizationContext thread) : IOrchestrationContext
{
    private readonly Dictionary<int, PendingStep> pending = [];
    private readonly ExternalEvents externalEvents = new(thread);
    private List<OrchestrationStep> steps = [];
    private List<int> cancelledTimers = [];
    private JsonElement? customStatus = customStatus;
    private int lastStep;
    private int lastGuid;

    public string Name => identity.Name;

    public string InstanceId => identity.InstanceId;

    public bool IsReplaying { get; private set; }

    public DateTimeOffset CurrentUtcDateTime { get; private set; }

    /// <summary>True where an event can still make the orchestrator go on.</summary>
    public bool WaitsForSomething => pending.Count > 0 || externalEvents.WaiterCount > 0;

    /// <summary>A failure that the orchestrator's code can't catch.</summary>
    public OrchestrationEnding.Failed? Failure { get; private set; }

    public (JsonElement? Input, bool PreserveEvents)? NextGeneration { get; private set; }

    public IEnumerable<OrchestrationEvent.Raised> UntakenEvents => externalEvents.Untaken;

    public void BeginTurn(DateTimeOffset now, bool isReplaying)
    {
        // The wall clock may have been set back; an orchestrator's time only grows.
        CurrentUtcDateTime = now > CurrentUtcDateTime ? now : CurrentUtcDateTime;
        IsReplaying = isReplaying;
        steps = [];
        cancelledTimers = [];
    }

    public TurnOutcome EndTurn(OrchestrationEnding? ending) => new(CurrentUtcDateTime, steps, cancelledTimers, customStatus, ending);

    /// <summary>Events of an older generation, and of steps that were cancelled, meet nothing.</summary>
    public void Apply(OrchestrationEvent happened)
    {
        switch (happened)
        {
            case OrchestrationEvent.Raised raised:
                externalEvents.Deliver(raised);
                break;
            case OrchestrationEvent.TimerFired fired when Take(fired.Generation, fired.Step) is PendingTimer timer:
                timer.Fire();
                break;
            case OrchestrationEvent.ActivityCompleted completed when Take(completed.Generation, completed.Step) is PendingActivity activity:
                activity.Complete(completed.Result);
                break;
            case OrchestrationEvent.ActivityFailed failed when Take(failed.Generation, failed.Step) is PendingActivity activity:
                activity.Fail(failed.ErrorType, failed.ErrorMessage);
                break;
        }
    }

    public T? GetInput<T>() => OrchestrationValues.FromElement<T>(input);

    public Task<T> CallActivityAsync<T>(string name, object? input = null, RetryPolicy? retry = null)
    {
        thread.CheckThread();
        var json = OrchestrationValues.ToElement(input);
        if (!IsReplaying && !catalog.Activities.ContainsKey(name))
        {
            Failure ??= OrchestrationValues.UnknownActivity(name, catalog);
            return new TaskCompletionSource<T>().Task;
        }

        var step = new OrchestrationStep.Activity(++lastStep, name) { Input = json, Retry = retry };
        steps.Add(step);
        var activity = new PendingActivity<T>(name);
        pending.Add(step.Number, activity);
        return activity.Task;
    }

    public Task CreateTimer(DateTimeOffset dueAt, CancellationToken cancellationToken = default)
    {
        thread.CheckThread();
        var number = ++lastStep;
        steps.Add(new OrchestrationStep.Timer(number, dueAt));
        if (cancellationToken.IsCancellationRequested)
        {
            cancelledTimers.Add(number);
            return Task.FromCanceled(cancellationToken);
        }

        var timer = new PendingTimer();
        pending.Add(number, timer);
        timer.Registration = cancellationToken.Register(() =>
        {
            thread.CheckThread();
            pending.Remove(number);
            cancelledTimers.Add(number);
            timer.Cancel(cancellationToken);
        });
        return timer.Task;
    }

    public Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        thread.CheckThread();
        return externalEvents.Wait<T>(eventName, cancellationToken);
    }

    public void SetCustomStatus(object? status)
    {
        thread.CheckThread();
        customStatus = OrchestrationValues.ToElement(status);
    }

    public void ContinueAsNew(object? newInput, bool preserveUnprocessedEvents = true)
    {
        thread.CheckThread();
        NextGeneration = (OrchestrationValues.ToElement(newInput), preserveUnprocessedEvents);
    }

    public Guid NewGuid()
    {
        thread.CheckThread();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{identity.InstanceId}\n{identity.Generation}\n{++lastGuid}"), hash);

        // RFC 9562, version 8: a name hashed by a method of one's own.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    private PendingStep? Take(long generation, int step) =>
        generation == identity.Generation && pending.Remove(step, out var found) ? found : null;
}
