using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;

namespace Pipeline.Standalone.Orchestration;

/// <summary>What the committed turn of an instance led to.</summary>
[Flags]
internal enum TurnEffects
{
    None = 0,
    NewTimers = 1,
    NewActivities = 2,

    /// <summary>Its inbox holds more.</summary>
    ReadyAgain = 4,
}

/// <summary>Takes the turns of instances: load, bring the run to where its history ends, let it take the inbox, commit.</summary>
internal sealed partial class TurnRunner(
    OrchestrationTurns turns, OrchestrationCatalog catalog, LiveInstances live, ReadyInstances ready, TimeProvider clock, ILogger logger)
{
    private readonly ConcurrentDictionary<OrchestrationIdentity, bool> foreign = new();

    /// <summary>One turn of one instance; the caller sees to it that there is no other of the same instance.</summary>
    public async Task<TurnEffects> TakeTurnAsync(string instanceId)
    {
        var loaded = turns.Load(instanceId);
        if (loaded?.IsRunning != true)
        {
            live.Drop(instanceId);
            return TurnEffects.None;
        }

        var cached = live.Take(loaded.Identity, loaded.Turns);
        var isForeign = foreign.TryRemove(loaded.Identity, out _);
        if (loaded.Inbox.Count == 0 && !isForeign)
        {
            return TurnEffects.None;
        }

        var run = cached;
        var outcome = isForeign ? Fail(loaded, ForeignAwait.Failure) : TakeTurn(loaded, ref run);
        if (!await turns.CommitAsync(loaded, outcome).ConfigureAwait(false))
        {
            LogTurnLost(logger, instanceId);
            return TurnEffects.None;
        }

        if (outcome.Ending is OrchestrationEnding.Failed failed)
        {
            LogFailed(logger, loaded.Identity.Name, instanceId, failed.Details);
        }
        else if (outcome.Ending is null)
        {
            live.Put(new LiveInstance(run!, loaded.Turns + 1));
        }

        return EffectsOf(loaded, outcome);
    }

    private static TurnEffects EffectsOf(LoadedTurn loaded, TurnOutcome outcome)
    {
        if (outcome.Ending is not null)
        {
            return outcome.Ending is OrchestrationEnding.ContinuedAsNew ? TurnEffects.ReadyAgain : TurnEffects.None;
        }

        return (outcome.NewTimers.Any() ? TurnEffects.NewTimers : TurnEffects.None)
            | (outcome.Steps.OfType<OrchestrationStep.Activity>().Any() ? TurnEffects.NewActivities : TurnEffects.None)
            | (loaded.Inbox.Count == OrchestrationTurns.EventsAtOnce ? TurnEffects.ReadyAgain : TurnEffects.None);
    }

    private TurnOutcome TakeTurn(LoadedTurn loaded, ref OrchestrationRun? run)
    {
        if (run is null)
        {
            var identity = loaded.Identity;
            run = new OrchestrationRun(identity, loaded.Input, loaded.CustomStatus, catalog, () => ReportForeign(identity));
            if (Repeat(run, loaded) is { } mismatch)
            {
                return Fail(loaded, mismatch);
            }
        }

        return run.TakeTurn(clock.GetUtcNow(), loaded.Inbox);
    }

    private OrchestrationEnding.Failed? Repeat(OrchestrationRun run, LoadedTurn loaded)
    {
        if (loaded.Turns == 0)
        {
            return null;
        }

        try
        {
            return HistoryReplay.Repeat(run, turns.History(loaded.Identity.InstanceId));
        }
        catch (JsonException exception)
        {
            return new OrchestrationEnding.Failed("UnreadableHistory", $"The history of {loaded.Identity.InstanceId} can't be read: {exception.Message}");
        }
    }

    private TurnOutcome Fail(LoadedTurn loaded, OrchestrationEnding.Failed failure) => new(clock.GetUtcNow(), [], [], loaded.CustomStatus, failure);

    private void ReportForeign(OrchestrationIdentity identity)
    {
        foreign[identity] = true;
        ready.Add(identity.InstanceId);
    }

    [LoggerMessage(200, LogLevel.Error, "Orchestration {Name} {InstanceId} failed: {Details}")]
    private static partial void LogFailed(ILogger logger, string name, string instanceId, string details);

    [LoggerMessage(201, LogLevel.Debug, "A turn of {InstanceId} was given up: the instance was ended or purged meanwhile.")]
    private static partial void LogTurnLost(ILogger logger, string instanceId);
}
