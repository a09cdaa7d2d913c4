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

    /// <summary>
    /// The same for a change that stands whatever becomes of the telling: a fault is logged, and the sweep tells again.
    /// Not given up half-way when the caller goes away.
    /// </summary>
    public async Task TryDispatchAsync(Incident incident)
    {
        try
        {
            await DispatchAsync(incident, CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, the signals are still there and are told again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFault(logger, incident.Id, exception);
        }
    }

    /// <summary>Tells what a crash left untold, and begins again what was lost after it was told. Run at start and every minute.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await foreach (var unsettled in store.UnsettledAsync(cancellationToken).ConfigureAwait(false))
        {
            var incident = unsettled;
            if (Joining.IsDue(incident, store.Time.GetUtcNow())
                && await store.EditAsync(incident.Id, Joining.TellIfDue, cancellationToken).ConfigureAwait(false) is { } edit)
            {
                await TryDispatchAsync(edit.Incident).ConfigureAwait(false);
                continue;
            }

            if (incident.Signals.Count > 0)
            {
                LogLeftOver(logger, incident.Id, incident.Signals.Count);
                await TryDispatchAsync(incident).ConfigureAwait(false);
            }
            else
            {
                await store.SettleIndexAsync(incident, cancellationToken).ConfigureAwait(false);
                await TryRestoreAsync(incident, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task TryRestoreAsync(Incident incident, CancellationToken cancellationToken)
    {
        if (!incident.IsOpen)
        {
            return;
        }

        foreach (var subscriber in subscribers)
        {
            try
            {
                await subscriber.RestoreAsync(incident, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotRestored(logger, incident.Id, exception);
            }
        }
    }

    [LoggerMessage(132, LogLevel.Error, "{Incident}: looking whether its escalation and its updates still run failed; it is tried again within five minutes.")]
    private static partial void LogNotRestored(ILogger logger, string incident, Exception exception);

    [LoggerMessage(126, LogLevel.Error, "{Incident}: telling its signals failed; they are told again within a minute.")]
    private static partial void LogFault(ILogger logger, string incident, Exception exception);

    [LoggerMessage(125, LogLevel.Warning, "{Incident} has {Count} signals that were not told before; telling them now.")]
    private static partial void LogLeftOver(ILogger logger, string incident, int count);
}
