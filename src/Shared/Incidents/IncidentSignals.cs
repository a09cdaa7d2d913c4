using Microsoft.Extensions.Logging;

namespace Pipeline.Incidents;

/// <summary>
/// Tells the subscribers what happened to an incident. Signals are written with the change that caused them and removed when all
/// were told, so a crash in between costs a second telling, never a lost one.
/// </summary>
public sealed partial class IncidentSignals(IncidentStore store, IReadOnlyList<IIncidentSubscriber> subscribers, ILogger<IncidentSignals> logger)
{
    public async Task DispatchAsync(Incident incident, CancellationToken cancellationToken)
    {
        if (incident.Signals.Count == 0)
        {
            return;
        }

        foreach (var signal in incident.Signals)
        {
            foreach (var subscriber in subscribers)
            {
                await subscriber.HandleAsync(incident, signal, cancellationToken).ConfigureAwait(false);
            }
        }

        var told = incident.Signals.Select(signal => signal.Id).ToHashSet(StringComparer.Ordinal);
        var after = await store.EditAsync(
            incident.Id,
            change =>
            {
                var left = change.Head.Signals.Where(signal => !told.Contains(signal.Id)).ToList();
                if (left.Count < change.Head.Signals.Count)
                {
                    change.Head = change.Head with { Signals = left };
                }

                return left.Count;
            },
            cancellationToken).ConfigureAwait(false);
        if (after is not null)
        {
            await store.SettleIndexAsync(after.Incident, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells what a crash left untold. Run at start and every minute.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await foreach (var incident in store.UnsettledAsync(cancellationToken).ConfigureAwait(false))
        {
            if (incident.Signals.Count > 0)
            {
                LogLeftOver(logger, incident.Id, incident.Signals.Count);
                await DispatchAsync(incident, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await store.SettleIndexAsync(incident, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(125, LogLevel.Warning, "{Incident} has {Count} signals that were not told before; telling them now.")]
    private static partial void LogLeftOver(ILogger logger, string incident, int count);
}
