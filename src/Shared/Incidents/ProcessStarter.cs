using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>Starts the processes that an incident wants, also where an instance that can't serve it has the id already.</summary>
internal sealed class ProcessStarter(IOrchestrationClient orchestrations, IncidentStore store)
{
    /// <summary>Starts it once, however often it is asked to. What is removed for it is written on the timeline.</summary>
    /// <param name="wanted">The signal that asks for it.</param>
    /// <exception cref="StoreUnavailableException">What has the id is still ending. Telling the signal again starts it.</exception>
    public async Task StartAsync(
        string name, string instanceId, object input, Incident incident, IncidentSignal wanted, CancellationToken cancellationToken)
    {
        if (await orchestrations.StartAsync(name, instanceId, input, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var use = IdUses.Decide(await orchestrations.GetAsync(instanceId, cancellationToken).ConfigureAwait(false), wanted.At);
        if (use is IdUse.Running or IdUse.Completed)
        {
            return;
        }

        await store.EditAsync(
            incident.Id,
            change =>
            {
                change.Log(TimelineKind.Note, $"{use.Words(instanceId)}. Removed it and started a new one.", key: $"{wanted.Id}:{name}-anew");
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        await orchestrations.TerminateAsync(instanceId, $"{incident.Id} was opened anew", cancellationToken).ConfigureAwait(false);
        await orchestrations.PurgeAsync(instanceId, cancellationToken).ConfigureAwait(false);
        if (!await orchestrations.StartAsync(name, instanceId, input, cancellationToken).ConfigureAwait(false))
        {
            throw new StoreUnavailableException($"{instanceId} was left over and is still ending; the new one starts when it has ended.");
        }
    }
}
