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

        var found = await orchestrations.GetAsync(instanceId, cancellationToken).ConfigureAwait(false);
        if (IdUses.Decide(found, wanted.At) is not IdUse.Running and not IdUse.Completed)
        {
            await StartAgainAsync(name, instanceId, input, incident, wanted, found, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Starts one in place of what was found to be lost, and writes it on the timeline.</summary>
    /// <param name="found">What has the id; null where nothing has it.</param>
    /// <exception cref="StoreUnavailableException">What has the id is still ending.</exception>
    public async Task StartAgainAsync(
        string name,
        string instanceId,
        object input,
        Incident incident,
        IncidentSignal wanted,
        OrchestrationInstance? found,
        CancellationToken cancellationToken)
    {
        var removed = found is null ? "Started" : "Removed it and started";
        await store.EditAsync(
            incident.Id,
            change =>
            {
                change.Log(TimelineKind.Note, $"{IdUses.Decide(found, wanted.At).Words(instanceId)}. {removed} a new one.", key: $"{wanted.Id}:{name}-anew");
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (found is not null)
        {
            await orchestrations.TerminateAsync(instanceId, $"{incident.Id} was opened anew", cancellationToken).ConfigureAwait(false);
            await orchestrations.PurgeAsync(instanceId, cancellationToken).ConfigureAwait(false);
        }

        // Where nothing had the id, another process that saw the same has started it.
        if (!await orchestrations.StartAsync(name, instanceId, input, cancellationToken).ConfigureAwait(false) && found is not null)
        {
            throw new StoreUnavailableException($"{instanceId} was left over and is still ending; the new one starts when it has ended.");
        }
    }
}
