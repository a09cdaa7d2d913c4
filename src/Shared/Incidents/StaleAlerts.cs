using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>
/// Silence is not recovery: a firing alert that nobody repeats any more is marked stale, keeps its incident open, and the timeline says so.
/// Run every minute.
/// </summary>
internal sealed partial class StaleAlerts(
    IncidentStore store,
    IEntityTable table,
    IntakeLag intake,
    SenderMemory senders,
    CorrelationConfiguration configuration,
    ILogger<StaleAlerts> logger)
{
    /// <summary>After a time in which nobody listened nothing is called stale for so long: who was not heard then has to be given time to speak.</summary>
    public static readonly TimeSpan GraceAfterDeafness = TimeSpan.FromMinutes(10);

    /// <summary>Between two sweeps. More, and the program was down, or the machine asleep.</summary>
    public static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(2);

    /// <summary>Alerts that wait in the queue longer are as if nobody heard them. Prometheus's count for 4 min at least, and are repeated every minute.</summary>
    public static readonly TimeSpan LongestLag = TimeSpan.FromMinutes(2);

    // As many as one batch takes beside the head and the timeline entry, also where each is as large as an alert can be.
    private const int MaxInChange = 90;

    /// <summary>
    /// Prometheus names the time until which a firing alert counts (<see cref="IncidentAlert.EndsAt"/>); Alertmanager's webhook names none
    /// and repeats every 4 h by default, every 12 h with kube-prometheus, so <paramref name="staleAfter"/> counts from the last message.
    /// </summary>
    /// <param name="staleAfter">What is configured, or longer where the sender was seen to repeat more seldom: <see cref="SenderHabits.StaleAfter"/>.</param>
    public static bool IsStale(IncidentAlert alert, DateTimeOffset now, TimeSpan staleAfter) =>
        alert.Status == IncidentAlertStatus.Firing && (alert.EndsAt is { } until ? now >= until : now - LastKnown(alert) >= staleAfter);

    // Its Alertmanager said when asked that it fires, which is as good as another message.
    private static DateTimeOffset LastKnown(IncidentAlert alert) => alert.Asked?.FiringAt > alert.LastSeenAt ? alert.Asked.FiringAt.Value : alert.LastSeenAt;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (store.Time.GetUtcNow() - await ListeningSinceAsync(cancellationToken).ConfigureAwait(false) < GraceAfterDeafness)
        {
            return;
        }

        var habits = await senders.AllAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var incident in store.UnsettledAsync(cancellationToken).ConfigureAwait(false))
        {
            if (incident.IsOpen && incident.FiringAlerts > 0)
            {
                try
                {
                    await SweepAsync(incident.Id, habits, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogFault(logger, incident.Id, exception);
                }
            }
        }
    }

    /// <summary>
    /// Since when alerts are heard, and applied without delay. Kept in the table and not in memory: on Azure each sweep may be another process's.
    /// </summary>
    private async Task<DateTimeOffset> ListeningSinceAsync(CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        var isBehind = await IsBehindAsync(cancellationToken).ConfigureAwait(false);
        var before = await Listening.ReadAsync(table, cancellationToken).ConfigureAwait(false);
        var since = before is not null && now - before.LastSweepAt <= LongestGap && !isBehind ? before.Since : now;
        await new Listening(since, now).WriteAsync(table, cancellationToken).ConfigureAwait(false);
        return since;
    }

    // Who can't look at the queue doesn't know what waits in it.
    private async Task<bool> IsBehindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await intake.MeasureAsync(cancellationToken).ConfigureAwait(false) > LongestLag;
        }
        catch (StoreUnavailableException exception)
        {
            LogUnmeasured(logger, exception);
            return true;
        }
    }

    private async Task SweepAsync(string incidentId, IReadOnlyDictionary<string, SenderHabits> habits, CancellationToken cancellationToken)
    {
        // The head first: every message that comes in between gives it another ETag, and the commit below then does nothing.
        if (await store.ReadAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { Value.IsOpen: true } stored)
        {
            return;
        }

        var change = store.Change(stored.Value, store.Time.GetUtcNow());
        var bytes = 0;
        await foreach (var row in store.AlertsAsync(incidentId, cancellationToken).ConfigureAwait(false))
        {
            if (change.Alerts.Count == MaxInChange || bytes > IncidentChange.MaxAlertBytes)
            {
                break;
            }

            var staleAfter = habits.GetValueOrDefault(row.Value.Sender ?? "")?.StaleAfter(configuration.StaleAfter, change.Now) ?? configuration.StaleAfter;
            if (IsStale(row.Value, change.Now, staleAfter))
            {
                change.Put(row.Value with { Status = IncidentAlertStatus.Stale });
                bytes += PipelineJson.ToUtf8(row.Value).Length;
            }
        }

        if (change.Alerts.Count > 0)
        {
            var count = change.Alerts.Count;
            change.Log(TimelineKind.AlertStale, string.Create(
                CultureInfo.InvariantCulture,
                $"Stale: {count} {(count == 1 ? "alert is" : "alerts are")} no longer repeated and not resolved either. Silence is not recovery; look whether monitoring works."));
            await store.CommitAsync(change, stored.ETag, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(134, LogLevel.Warning, "Couldn't look how far the intake is behind; until that works no alert is marked stale.")]
    private static partial void LogUnmeasured(ILogger logger, Exception exception);

    [LoggerMessage(127, LogLevel.Error, "{Incident}: looking for stale alerts failed; it is tried again in a minute.")]
    private static partial void LogFault(ILogger logger, string incident, Exception exception);
}
