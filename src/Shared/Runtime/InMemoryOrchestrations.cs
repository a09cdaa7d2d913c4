using System.Text.Json;
using Pipeline.Runtime.Orchestrations;

namespace Pipeline.Runtime;

/// <summary>
/// Orchestrations that live in memory and end with the process: the semantics of a durable host without its replay.
/// Work waits until <see cref="DrainAsync"/> runs it, so that with a manual clock a test decides what happens when.
/// </summary>
/// <param name="random">The part of retry delays that is random: 0 (inclusive) to 1 (exclusive). Null: always 0, the longest delay.</param>
internal sealed class InMemoryOrchestrations(OrchestrationCatalog catalog, TimeProvider clock, Func<double>? random = null) : IOrchestrationClient
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, InMemoryInstance> instances = new(StringComparer.Ordinal);
    private long lastEvent;

    /// <summary>When the next timer or attempt of an activity is due; null where none is.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (gate)
            {
                return instances.Values.SelectMany(instance => instance.DueTimes).Order().Select(due => (DateTimeOffset?)due).FirstOrDefault();
            }
        }
    }

    public Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        OrchestrationValues.CheckInstanceId(instanceId, nameof(instanceId));
        var json = OrchestrationValues.ToElement(input);
        lock (gate)
        {
            if (instances.ContainsKey(instanceId))
            {
                return Task.FromResult(false);
            }

            var now = clock.GetUtcNow();
            var instance = new InMemoryInstance(
                new OrchestrationInstance(instanceId, name, OrchestrationStatus.Pending, json, null, null, now, now));
            instances.Add(instanceId, instance);
            Begin(instance, []);
            return Task.FromResult(true);
        }
    }

    public Task RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var json = OrchestrationValues.ToElement(payload);
        lock (gate)
        {
            if (instances.TryGetValue(instanceId, out var instance))
            {
                Post(instance, new OrchestrationEvent.Raised(eventName, json));
            }
        }

        return Task.CompletedTask;
    }

    public Task<OrchestrationInstance?> GetAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(instances.GetValueOrDefault(instanceId)?.State);
        }
    }

    public Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        OrchestrationValues.CheckTake(query.Take);
        lock (gate)
        {
            var found = instances.Values.Select(instance => instance.State)
                .Where(state => query.Cursor is null || string.CompareOrdinal(state.InstanceId, query.Cursor) > 0)
                .Where(state => query.IdPrefix is null || state.InstanceId.StartsWith(query.IdPrefix, StringComparison.Ordinal))
                .Where(state => query.Name is null || string.Equals(state.Name, query.Name, StringComparison.Ordinal))
                .Where(state => query.RuntimeStatus is null || state.RuntimeStatus == query.RuntimeStatus)
                .Take(query.Take + 1)
                .ToList();
            return Task.FromResult(OrchestrationValues.Page(found, query.Take));
        }
    }

    public Task TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (instances.TryGetValue(instanceId, out var instance) && instance.State.IsRunning)
            {
                instance.End(OrchestrationStatus.Terminated, clock.GetUtcNow(), OrchestrationValues.ToElement(reason), instance.State.CustomStatus);
            }
        }

        return Task.CompletedTask;
    }

    public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(
                instances.TryGetValue(instanceId, out var instance) && !instance.State.IsRunning && instances.Remove(instanceId));
        }
    }

    /// <summary>Runs all that can run now, on the caller, and what it leads to. Gives how much that was.</summary>
    public async Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        for (var done = 0; ; done++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!FireTimerOrTakeTurn() && !await RunActivityAsync(cancellationToken).ConfigureAwait(false))
            {
                return done;
            }
        }
    }

    private bool FireTimerOrTakeTurn()
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (instances.Values.SelectMany(instance => instance.DueTimers(now)).MinBy(timer => timer.DueAt) is { } timer)
            {
                timer.Instance.Timers.Remove(timer.Step);
                Post(timer.Instance, new OrchestrationEvent.TimerFired(timer.Instance.Generation, timer.Step));
                return true;
            }

            if (instances.Values.Where(instance => instance.HasTurn).MinBy(instance => instance.FirstEvent) is not { } ready)
            {
                return false;
            }

            Apply(ready, ready.TakeTurn(now));
            return true;
        }
    }

    private async Task<bool> RunActivityAsync(CancellationToken cancellationToken)
    {
        ActivityCall? call;
        lock (gate)
        {
            var now = clock.GetUtcNow();
            call = instances.Values.SelectMany(instance => instance.Activities.Values).Where(call => call.DueAt <= now).MinBy(call => call.DueAt);
        }

        if (call is null)
        {
            return false;
        }

        var attempt = await call.AttemptAsync(catalog, clock, random ?? (() => 0), cancellationToken).ConfigureAwait(false);
        lock (gate)
        {
            // Ended, continued as new, or purged and started again meanwhile: the call is not there any more.
            if (instances.TryGetValue(call.Key.InstanceId, out var instance) && instance.Activities.Remove(call.Key))
            {
                switch (attempt)
                {
                    case ActivityAttempt.Again again:
                        instance.Activities.Add(call.Key, call with { FailedAttempts = call.FailedAttempts + 1, DueAt = again.At });
                        break;
                    case ActivityAttempt.Ended ended:
                        Post(instance, ended.Event);
                        break;
                }
            }
        }

        return true;
    }

    private void Apply(InMemoryInstance instance, TurnOutcome outcome)
    {
        switch (outcome.Ending)
        {
            case null:
                instance.Wait(outcome);
                break;
            case OrchestrationEnding.Completed completed:
                instance.End(OrchestrationStatus.Completed, outcome.At, completed.Output, outcome.CustomStatus);
                break;
            case OrchestrationEnding.Failed failed:
                instance.End(OrchestrationStatus.Failed, outcome.At, null, outcome.CustomStatus, failed.Details);
                break;
            case OrchestrationEnding.ContinuedAsNew continued:
                instance.State = instance.State with
                {
                    RuntimeStatus = OrchestrationStatus.Running,
                    Input = continued.Input,
                    CustomStatus = outcome.CustomStatus,
                    LastUpdatedTime = outcome.At,
                };
                Begin(instance, continued.Unprocessed);
                break;
        }
    }

    private void Begin(InMemoryInstance instance, IReadOnlyList<OrchestrationEvent> unprocessed)
    {
        var generation = ++lastEvent;
        var identity = new OrchestrationIdentity(instance.State.InstanceId, instance.State.Name, generation);
        instance.Begin(
            new OrchestrationRun(identity, instance.State.Input, instance.State.CustomStatus, catalog, () => instance.LoseWay(generation)),
            [.. unprocessed, new OrchestrationEvent.Started { Id = generation }]);
    }

    private void Post(InMemoryInstance instance, OrchestrationEvent happened)
    {
        if (instance.State.IsRunning)
        {
            instance.Inbox.Add(happened with { Id = ++lastEvent });
        }
    }
}
