using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>
/// Turns alerts into incidents. Each batch of one correlation key goes through the stages in this order:
/// <list type="number">
/// <item><see cref="Deduplication"/>: what is new in it?</item>
/// <item><see cref="Suppression"/>: who needn't be woken for it?</item>
/// <item><see cref="Correlation"/>: which incident is it?</item>
/// <item><see cref="Classification"/>: how bad is it?</item>
/// <item>apply, <see cref="IntakeStages"/>: one atomic change of that incident.</item>
/// </list>
/// The stages are pure; this class reads what they need and writes what they decide. Messages can come twice.
/// </summary>
public sealed partial class AlertIntake(
    IncidentStore store,
    IncidentSignals signals,
    SenderMemory senders,
    Classification classification,
    CorrelationConfiguration configuration,
    ILogger<AlertIntake> logger) : IMessageHandler
{
    // A change is one batch of at most 100 rows and 2 MiB: the head, the alerts, and a few timeline entries.
    private const int MaxItemsInChange = 80;
    private const int MaxRaces = 50;
    private const int MaxUnknownWords = 100;

    private readonly EndLog ends = new(store.Time, logger);
    private readonly LogLimiter unknownWords = new(store.Time, TimeSpan.MaxValue, MaxUnknownWords);

    public async Task<IReadOnlyList<Settlement>> HandleAsync(
        string sessionId, IReadOnlyList<ReceivedMessage> messages, CancellationToken cancellationToken)
    {
        var settlements = new List<Settlement>(messages.Count);
        var batch = new List<(Alert Alert, long Sequence)>(messages.Count);
        var bytes = 0;
        string? key = null;
        foreach (var message in messages)
        {
            if (Decode(message) is not { } alert)
            {
                settlements.Add(new Settlement.GiveUp(message.Sequence, "The message holds no alert."));
                continue;
            }

            var alertKey = Correlation.Key(alert, configuration);
            if (batch.Count > 0 && (alertKey != key || batch.Count == MaxItemsInChange || bytes + message.Body.Length > IncidentChange.MaxAlertBytes))
            {
                await ApplyAsync(key!, batch, cancellationToken).ConfigureAwait(false);
                batch.Clear();
                bytes = 0;
            }

            key = alertKey;
            bytes += message.Body.Length;
            batch.Add((alert, message.Sequence));
            settlements.Add(new Settlement.Complete(message.Sequence));
        }

        if (batch.Count > 0)
        {
            await ApplyAsync(key!, batch, cancellationToken).ConfigureAwait(false);
        }

        return settlements;
    }

    private async Task ApplyAsync(string key, IReadOnlyList<(Alert Alert, long Sequence)> alerts, CancellationToken cancellationToken)
    {
        for (var race = 0; race < MaxRaces; race++)
        {
            var claim = await store.GetClaimAsync(key, cancellationToken).ConfigureAwait(false);
            var holder = claim is null ? null : await store.ReadAsync(claim.Value.IncidentId, cancellationToken).ConfigureAwait(false);
            var (here, strays) = await FindAsync(holder?.Value, alerts, cancellationToken).ConfigureAwait(false);
            if (await ApplyAsync(key, claim, holder, here, cancellationToken).ConfigureAwait(false)
                && await ApplyStraysAsync(strays, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        throw new StoreUnavailableException($"The incident of '{key}' is changed by too many at once.");
    }

    /// <summary>Deduplicate and classify, against the claim's holder or, for an alert that another open incident holds, against that one.</summary>
    private async Task<(List<IntakeItem> Here, List<(string IncidentId, IntakeItem Item)> Strays)> FindAsync(
        Incident? holder, IReadOnlyList<(Alert Alert, long Sequence)> alerts, CancellationToken cancellationToken)
    {
        var here = new List<IntakeItem>(alerts.Count);
        var strays = new List<(string, IntakeItem)>();
        var found = new Dictionary<string, (string? IncidentId, IncidentAlert? Known)>(StringComparer.Ordinal);
        foreach (var (alert, sequence) in alerts)
        {
            if (!found.TryGetValue(alert.Fingerprint, out var place))
            {
                place = await PlaceAsync(holder, alert.Fingerprint, cancellationToken).ConfigureAwait(false);
                found.Add(alert.Fingerprint, place);
            }

            var item = await ItemAsync(alert, sequence, place.Known, cancellationToken).ConfigureAwait(false);
            if (place.IncidentId is { } other)
            {
                strays.Add((other, item));
            }
            else
            {
                here.Add(item);
            }
        }

        return (here, strays);
    }

    private async Task<IntakeItem> ItemAsync(Alert sent, long sequence, IncidentAlert? known, CancellationToken cancellationToken)
    {
        var unseen = known is null && sent.Source == AlertSources.Prometheus.Name
            ? await senders.UnseenAsync(sent.Fingerprint, cancellationToken).ConfigureAwait(false)
            : AlertHistory.Empty;
        var end = SlowClock.Decide(known?.History ?? unseen, sent);
        var alert = end.Reading == EndReading.FiresByASlowClock ? SlowClock.Mend(sent) : sent;
        var news = Deduplication.Decide(known, alert, sequence);
        var habits = await senders.HearAsync(alert, cancellationToken).ConfigureAwait(false);
        if (news == AlertNews.ResolveWithoutFiring && end.Seen is { } seen)
        {
            await senders.KeepUnseenAsync(alert.Fingerprint, unseen.With(seen, end.Before), cancellationToken).ConfigureAwait(false);
        }
        else if (news == AlertNews.Repeat && alert is { Status: AlertStatus.Firing, EndsAt: null })
        {
            await senders.LearnAsync(alert, alert.ReceivedAt - known!.LastSeenAt, configuration.StaleAfter, cancellationToken).ConfigureAwait(false);
        }

        ends.Note(habits.Sender, alert, end, news);
        var severity = classification.Decide(alert);
        if (severity.UnknownWord is { } word && unknownWords.Allows(word, out _))
        {
            LogUnknownWord(logger, word, alert.Fingerprint, severity.Severity.Text(), severity.Reason);
        }

        return new IntakeItem(alert, sequence, known, news, severity)
        {
            Scope = AlertScope.Of(alert, configuration),
            End = end,
            EarlierHistory = sent.Status == AlertStatus.Firing
                ? unseen.FiredAfter(sent.ReceivedAt - Deduplication.MaxClockDifference)
                : unseen,
            FiredBeforeListening = news == AlertNews.New && habits.FiredBeforeListening(alert),
        };
    }

    // The key of an alert changes when the configuration does; the incident that has it firing keeps it until it recovers.
    private async Task<(string? OtherIncident, IncidentAlert? Known)> PlaceAsync(
        Incident? holder, string fingerprint, CancellationToken cancellationToken)
    {
        if (holder is not null && await store.GetAlertAsync(holder.Id, fingerprint, cancellationToken).ConfigureAwait(false) is { } known)
        {
            return (null, known);
        }

        var other = await store.GetIncidentOfAlertAsync(fingerprint, cancellationToken).ConfigureAwait(false);
        if (other is not null && other != holder?.Id
            && await store.GetAlertAsync(other, fingerprint, cancellationToken).ConfigureAwait(false) is { Status: not IncidentAlertStatus.Resolved } elsewhere
            && await store.GetAsync(other, cancellationToken).ConfigureAwait(false) is { IsOpen: true })
        {
            return (other, elsewhere);
        }

        return (null, null);
    }

    /// <returns>False where somebody else changed what this was decided on.</returns>
    private async Task<bool> ApplyAsync(
        string key, Stored<CorrelationClaim>? claim, Stored<Incident>? holder, IReadOnlyList<IntakeItem> items, CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        var plan = IntakeStages.Plan(holder?.Value, items, now, configuration.ReopenWindow);
        if (holder is not null)
        {
            var change = await ChangeAsync(holder.Value, now, cancellationToken).ConfigureAwait(false);
            IntakeStages.ApplyTo(change, plan, await SuppressAsync(holder.Value, plan, now, cancellationToken).ConfigureAwait(false));
            if (!await CommitAsync(change, holder.ETag, plan.Here, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return plan.ForNewIncident.Count == 0
            || await OpenAsync(key, claim, holder?.Value, plan.ForNewIncident, now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins a change. How far an incident reaches that a version without <see cref="Incident.Reach"/> wrote, its alerts say: read once.</summary>
    private async Task<IncidentChange> ChangeAsync(Incident incident, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var change = store.Change(incident, now);
        if (incident is { IsOpen: true, Reach: null, TotalAlerts: > 0 })
        {
            var reach = IncidentReach.Of(incident);
            await foreach (var row in store.AlertsAsync(incident.Id, cancellationToken).ConfigureAwait(false))
            {
                var isOfThisRound = row.Value.Status != IncidentAlertStatus.Resolved || row.Value.LastSeenAt >= incident.RoundStartedAt;
                reach = isOfThisRound ? reach.With(AlertScope.Of(row.Value.Labels, configuration)) : reach;
            }

            change.Head = incident with { Reach = reach };
        }

        return change;
    }

    /// <summary>Whether the page for what <paramref name="incident"/> takes in is held; asked only where there is one to hold.</summary>
    private Task<SuppressionDecision> SuppressAsync(Incident incident, IntakePlan plan, DateTimeOffset now, CancellationToken cancellationToken) =>
        SuppressAsync(incident, plan.Reopens || incident.IsHeld(now) ? plan.FailuresHere : [], now, cancellationToken);

    private async Task<SuppressionDecision> SuppressAsync(
        Incident? incident, IReadOnlyList<IntakeItem> failures, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The worst of each key is enough: the others were paged for by the same page.
        var worst = failures.GroupBy(item => item.FailureKey, StringComparer.Ordinal).Select(group => group.MinBy(item => item.Severity.Severity)!);
        return Suppression.Together(await Task.WhenAll(worst.Select(async item => Suppression.Decide(
            await store.LastPageAsync(item.FailureKey, incident, cancellationToken).ConfigureAwait(false),
            item.Severity.Severity,
            now,
            configuration.Cooldown))).ConfigureAwait(false));
    }

    private async Task<bool> OpenAsync(
        string key,
        Stored<CorrelationClaim>? claim,
        Incident? before,
        IReadOnlyList<IntakeItem> items,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // A claim without its incident was left by a crash between the two; its number is used.
        var mine = claim?.Value;
        if (mine is null || before is not null)
        {
            var number = await store.NextNumberAsync(cancellationToken).ConfigureAwait(false);
            mine = new CorrelationClaim(key, Incident.IdOf(number), number, now);
            if (!await store.ClaimAsync(mine, claim?.ETag, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        var failures = items.Where(item => item.IsNewFailure).ToList();
        var hold = (await SuppressAsync(incident: null, failures, now, cancellationToken).ConfigureAwait(false)).Until;
        var scope = AlertScope.Of(items[0].Alert, configuration);
        var change = IntakeStages.Open(mine, items, scope, now, hold);
        var opened = await CommitAsync(change, etag: null, items, cancellationToken).ConfigureAwait(false);
        if (opened)
        {
            LogOpened(logger, change.Head.Id, change.Head.Severity.Text(), change.Head.Service, change.Head.SeverityReason);
        }

        return opened;
    }

    private async Task<bool> ApplyStraysAsync(List<(string IncidentId, IntakeItem Item)> strays, CancellationToken cancellationToken)
    {
        foreach (var group in strays.GroupBy(stray => stray.IncidentId, stray => stray.Item, StringComparer.Ordinal))
        {
            if (await store.ReadAsync(group.Key, cancellationToken).ConfigureAwait(false) is not { Value.IsOpen: true } stored)
            {
                return false;
            }

            List<IntakeItem> items = [.. group];
            var change = await ChangeAsync(stored.Value, store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            var plan = new IntakePlan(Reopens: false, items, []);
            IntakeStages.ApplyTo(change, plan, await SuppressAsync(stored.Value, plan, change.Now, cancellationToken).ConfigureAwait(false));
            if (!await CommitAsync(change, stored.ETag, items, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> CommitAsync(
        IncidentChange change, string? etag, IReadOnlyList<IntakeItem> items, CancellationToken cancellationToken)
    {
        var status = await store.CommitAsync(change, etag, cancellationToken).ConfigureAwait(false);
        if (status != CommitStatus.Committed)
        {
            return false;
        }

        var joined = items.Where(item => item.News is AlertNews.New or AlertNews.AlreadyApplied).Select(item => item.Alert.Fingerprint).Distinct(StringComparer.Ordinal);
        await Task.WhenAll(joined.Select(fingerprint => store.PointAlertAsync(fingerprint, change.Head.Id, cancellationToken))).ConfigureAwait(false);
        await signals.DispatchAsync(change.Head, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private Alert? Decode(ReceivedMessage message)
    {
        try
        {
            return AlertJson.Read(message.Body.Span);
        }
        catch (System.Text.Json.JsonException exception)
        {
            LogUnreadable(logger, message.MessageId, exception);
            return null;
        }
    }

    [LoggerMessage(120, LogLevel.Information, "{Incident} opened: {Severity} in {Service} ({Reason}).")]
    private static partial void LogOpened(ILogger logger, string incident, string severity, string service, string reason);

    [LoggerMessage(
        122,
        LogLevel.Warning,
        "The severity '{Word}' of alert {Fingerprint} is not known; it counts as {Severity} ({Reason}). Explain the word under severity.words.")]
    private static partial void LogUnknownWord(ILogger logger, string word, string fingerprint, string severity, string reason);

    [LoggerMessage(121, LogLevel.Error, "Message {MessageId} of the alerts queue holds no alert; it is kept as a dead letter.")]
    private static partial void LogUnreadable(ILogger logger, string messageId, Exception exception);
}
