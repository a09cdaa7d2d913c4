using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Incidents.Alertmanagers;

/// <summary>
/// Asks the Alertmanagers of the configuration about alerts that they sent and that nobody heard of for a while, and resolves what they no
/// longer have. Run every minute; it asks every five.
/// </summary>
internal sealed partial class AlertmanagerWatch(
    IncidentStore store,
    IncidentSignals signals,
    IEntityTable table,
    AlertmanagerClient client,
    IntakeConfiguration configuration,
    CorrelationConfiguration correlation,
    ILogger<AlertmanagerWatch> logger)
{
    private const string Partition = "alertmanagers";

    /// <summary>What fires on is written down so often, or twice in the time after which it would be stale.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromMinutes(30);

    // As many as one batch takes beside the head and the timeline entries. What is left is done the next time.
    private const int MaxInChange = 80;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (configuration.Alertmanagers.Count == 0 || !await IsTimeAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var asked = new Dictionary<AlertmanagerConfiguration, AlertmanagerState?>();
        await foreach (var incident in store.OpenAsync(cancellationToken).ConfigureAwait(false))
        {
            if (incident.FiringAlerts == 0)
            {
                continue;
            }

            try
            {
                await SweepAsync(incident.Id, asked, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFault(logger, incident.Id, exception);
            }
        }
    }

    /// <summary>Kept in the table: on Azure each sweep may be another process's.</summary>
    private async Task<bool> IsTimeAsync(CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        if (await table.GetAsync<DateTimeOffset>(Partition, IncidentKeys.Head, cancellationToken).ConfigureAwait(false) is { Value: var last }
            && now - last < AskedAlert.AskEvery)
        {
            return false;
        }

        await table.CommitAsync(Partition, [new EntityWrite.Upsert(IncidentKeys.Head, PipelineJson.ToUtf8(now))], cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task SweepAsync(
        string incidentId, Dictionary<AlertmanagerConfiguration, AlertmanagerState?> asked, CancellationToken cancellationToken)
    {
        // The head first: every message that comes in between gives it another ETag, and the commit below then does nothing.
        if (await store.ReadAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { Value.IsOpen: true } stored)
        {
            return;
        }

        var change = new IncidentChange(stored.Value, store.Time.GetUtcNow());
        var refresh = correlation.StaleAfter / 2 < Refresh ? correlation.StaleAfter / 2 : Refresh;
        var answers = new List<AskedResult>();
        var bytes = 0;
        await foreach (var row in store.AlertsAsync(incidentId, cancellationToken).ConfigureAwait(false))
        {
            if (answers.Count == MaxInChange || bytes > IncidentChange.MaxAlertBytes)
            {
                break;
            }

            if (AskedAlert.IsQuiet(row.Value, change.Now)
                && configuration.Alertmanagers.FirstOrDefault(one => one.Sent(row.Value.Sender)) is { } alertmanager
                && await AskAsync(alertmanager).ConfigureAwait(false) is { } state)
            {
                AlertmanagerAlert? has = state.Alerts.TryGetValue(row.Value.Fingerprint, out var there) ? there : null;
                var answer = AskedAlert.Decide(row.Value, has, state.StartedAt, change.Now);
                if (AskedAlert.After(row.Value, answer, change.Now, refresh) is { } after)
                {
                    answers.Add(new AskedResult(row.Value, answer, after));
                    bytes += PipelineJson.ToUtf8(after).Length;
                }
            }
        }

        AskedResults.Apply(change, answers);
        if (!change.IsEmpty && await store.CommitAsync(change, stored.ETag, cancellationToken).ConfigureAwait(false) == CommitStatus.Committed)
        {
            await signals.TryDispatchAsync(change.Head).ConfigureAwait(false);
        }

        async Task<AlertmanagerState?> AskAsync(AlertmanagerConfiguration alertmanager)
        {
            if (!asked.TryGetValue(alertmanager, out var said))
            {
                said = await client.AskAsync(alertmanager, cancellationToken).ConfigureAwait(false);
                asked.Add(alertmanager, said);
            }

            return said;
        }
    }

    [LoggerMessage(130, LogLevel.Error, "{Incident}: asking Alertmanager about its alerts failed; it is tried again in five minutes.")]
    private static partial void LogFault(ILogger logger, string incident, Exception exception);
}
