using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>Reads and changes incidents in the table. Every change is one batch, checked against what it was decided on.</summary>
/// <param name="names">How texts call people; null calls them by their ids.</param>
public sealed partial class IncidentStore(IEntityTable table, TimeProvider time, PeopleNames? names = null)
{
    private const int MaxAttempts = 50;

    /// <summary>Alerts read at once: an alert is 240 KB at most.</summary>
    private const int AlertsAtOnce = 50;

    private readonly SemaphoreSlim numberGate = new(1);

    public TimeProvider Time => time;

    public PeopleNames Names { get; } = names ?? PeopleNames.None;

    /// <summary>Begins a change of an incident; it is written by <see cref="CommitAsync"/>.</summary>
    public IncidentChange Change(Incident before, DateTimeOffset now) => new(before, now) { Names = Names };

    public async Task<Incident?> GetAsync(string incidentId, CancellationToken cancellationToken) =>
        (await table.GetAsync<Incident>(IncidentKeys.Partition(incidentId), IncidentKeys.Head, cancellationToken).ConfigureAwait(false))?.Value;

    public Task<Stored<Incident>?> ReadAsync(string incidentId, CancellationToken cancellationToken) =>
        table.GetAsync<Incident>(IncidentKeys.Partition(incidentId), IncidentKeys.Head, cancellationToken);

    public async Task<IncidentAlert?> GetAlertAsync(string incidentId, string fingerprint, CancellationToken cancellationToken) =>
        (await table.GetAsync<IncidentAlert>(IncidentKeys.Partition(incidentId), IncidentKeys.Alert(fingerprint), cancellationToken).ConfigureAwait(false))?.Value;

    /// <summary>All alerts of an incident, by fingerprint.</summary>
    public IAsyncEnumerable<Stored<IncidentAlert>> AlertsAsync(string incidentId, CancellationToken cancellationToken) =>
        table.ScanAsync<IncidentAlert>(IncidentKeys.Partition(incidentId), RowKeyRange.StartingWith(IncidentKeys.AlertPrefix) with { Take = AlertsAtOnce }, cancellationToken);

    /// <summary>The first <paramref name="take"/> alerts of an incident, by fingerprint.</summary>
    public async Task<IReadOnlyList<IncidentAlert>> AlertsAsync(string incidentId, int take, CancellationToken cancellationToken)
    {
        var range = RowKeyRange.StartingWith(IncidentKeys.AlertPrefix) with { Take = take };
        var rows = await table.QueryAsync<IncidentAlert>(IncidentKeys.Partition(incidentId), range, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.Value)];
    }

    /// <summary>Whether a change with this key was written.</summary>
    public async Task<bool> WasDoneAsync(string incidentId, string key, CancellationToken cancellationToken) =>
        await table.GetAsync(IncidentKeys.Partition(incidentId), IncidentKeys.EntryKey(key), cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>The timeline from entry <paramref name="from"/> on.</summary>
    public async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(string incidentId, int from, int take, CancellationToken cancellationToken)
    {
        var range = RowKeyRange.StartingWith(IncidentKeys.EntryPrefix) with { From = IncidentKeys.Entry(from), Take = take };
        var rows = await table.QueryAsync<TimelineEntry>(IncidentKeys.Partition(incidentId), range, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.Value)];
    }

    /// <summary>Incidents newest first. A page can be shorter than asked where the filter left some out.</summary>
    /// <param name="before">Only numbers less than this one; null starts at the newest.</param>
    public async Task<(IReadOnlyList<Incident> Items, long? Next)> ListAsync(bool openOnly, int take, long? before, CancellationToken cancellationToken)
    {
        var partition = openOnly ? IncidentKeys.OpenIncidents : IncidentKeys.AllIncidents;
        var range = new RowKeyRange { After = before is { } number ? IncidentKeys.NewestFirst(number) : null, Take = take };
        var rows = await table.QueryAsync<IncidentReference>(partition, range, cancellationToken).ConfigureAwait(false);
        var heads = await Task.WhenAll(rows.Select(row => GetAsync(row.Value.Id, cancellationToken))).ConfigureAwait(false);
        var items = heads.OfType<Incident>().Where(head => !openOnly || head.IsOpen).ToList();
        return (items, rows.Count == take ? rows[^1].Value.Number : null);
    }

    /// <summary>Incidents detected from (inclusive) to before (exclusive), newest first.</summary>
    public async IAsyncEnumerable<Incident> DetectedAsync(
        DateTimeOffset from, DateTimeOffset before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Numbers follow the order of opening, and nothing is detected after it was opened. Detection itself says nothing of its neighbours:
        // an alert that waited for days, as a dead letter does, makes it older than its number. The day is for clocks that differ.
        var oldest = from - TimeSpan.FromDays(1);
        long? next = null;
        do
        {
            (var page, next) = await ListAsync(openOnly: false, RowKeyRange.DefaultTake, next, cancellationToken).ConfigureAwait(false);
            foreach (var incident in page)
            {
                if (incident.RoundStartedAt < oldest)
                {
                    yield break;
                }

                if (incident.DetectedAt >= from && incident.DetectedAt < before)
                {
                    yield return incident;
                }
            }
        }
        while (next is not null);
    }

    /// <summary>Every incident that is open now.</summary>
    public IAsyncEnumerable<Incident> OpenAsync(CancellationToken cancellationToken) =>
        UnsettledAsync(cancellationToken).Where(incident => incident.IsOpen);

    /// <summary>Every incident that is open or has signals left.</summary>
    public async IAsyncEnumerable<Incident> UnsettledAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in table.ScanAsync<IncidentReference>(IncidentKeys.OpenIncidents, RowKeyRange.All, cancellationToken).ConfigureAwait(false))
        {
            if (await GetAsync(row.Value.Id, cancellationToken).ConfigureAwait(false) is { } incident)
            {
                yield return incident;
            }
        }
    }

    /// <summary>
    /// Decides on the incident as it is and writes the outcome; decides again where somebody else was faster.
    /// </summary>
    /// <returns>The incident after it, and what <paramref name="decide"/> said; null where there is no such incident.</returns>
    public async Task<IncidentEdit<TResult>?> EditAsync<TResult>(
        string incidentId, Func<IncidentChange, TResult> decide, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (await ReadAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } stored)
            {
                return null;
            }

            var change = Change(stored.Value, time.GetUtcNow());
            var result = decide(change);
            var status = await CommitAsync(change, stored.ETag, cancellationToken).ConfigureAwait(false);
            if (status is CommitStatus.Committed)
            {
                return new IncidentEdit<TResult>(change.Head, result, IsRepeat: false);
            }

            // A keyed entry that exists: this very step was done before.
            if (status is CommitStatus.Conflict && change.Entries.Any(entry => entry.Key is not null))
            {
                return new IncidentEdit<TResult>(stored.Value, result, IsRepeat: true);
            }
        }

        throw new StoreUnavailableException($"{incidentId} is changed by too many at once; the change was not made.");
    }

    /// <summary>Writes a change in one batch. <paramref name="etag"/> null inserts a new incident.</summary>
    public async Task<CommitStatus> CommitAsync(IncidentChange change, string? etag, CancellationToken cancellationToken)
    {
        if (change.IsEmpty && etag is not null)
        {
            return CommitStatus.Committed;
        }

        // What is written on a resolved incident is told by the sweep too where its first telling fails.
        var unsettles = !change.Head.IsSettled && (etag is null || change.Before.IsSettled);
        if (unsettles)
        {
            await IndexAsync(change.Head, cancellationToken).ConfigureAwait(false);
        }

        var head = PipelineJson.ToUtf8(change.Head);
        var writes = new List<EntityWrite>(1 + change.Alerts.Count + (change.Entries.Count * 2))
        {
            etag is null ? new EntityWrite.Insert(IncidentKeys.Head, head) : new EntityWrite.Replace(IncidentKeys.Head, head, etag),
        };
        writes.AddRange(change.Alerts.Values.Select(alert => new EntityWrite.Upsert(IncidentKeys.Alert(alert.Fingerprint), PipelineJson.ToUtf8(alert))));
        foreach (var entry in change.Entries)
        {
            writes.Add(new EntityWrite.Insert(IncidentKeys.Entry(entry.Number), PipelineJson.ToUtf8(entry)));
            if (entry.Key is not null)
            {
                writes.Add(new EntityWrite.Insert(IncidentKeys.EntryKey(entry.Key), PipelineJson.ToUtf8(entry.Number)));
            }
        }

        var outcome = await table.CommitAsync(IncidentKeys.Partition(change.Head.Id), writes, cancellationToken).ConfigureAwait(false);
        if (unsettles && outcome.IsCommitted && etag is not null)
        {
            // Once more: who settled the index of the resolved incident meanwhile may have taken the entry out again.
            await IndexAsync(change.Head, cancellationToken).ConfigureAwait(false);
        }

        return outcome.Status;
    }

    /// <summary>A number that no incident has. A crash can leave a gap.</summary>
    public async Task<long> NextNumberAsync(CancellationToken cancellationToken)
    {
        await numberGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                var stored = await table.GetAsync<long>(IncidentKeys.Counters, "incident", cancellationToken).ConfigureAwait(false);
                var number = (stored?.Value ?? 0) + 1;
                var document = PipelineJson.ToUtf8(number);
                EntityWrite write = stored is null
                    ? new EntityWrite.Insert("incident", document)
                    : new EntityWrite.Replace("incident", document, stored.ETag);
                if ((await table.CommitAsync(IncidentKeys.Counters, [write], cancellationToken).ConfigureAwait(false)).IsCommitted)
                {
                    return number;
                }
            }
        }
        finally
        {
            numberGate.Release();
        }
    }

    public Task<Stored<CorrelationClaim>?> GetClaimAsync(string correlationKey, CancellationToken cancellationToken) =>
        table.GetAsync<CorrelationClaim>(IncidentKeys.Claim(correlationKey), IncidentKeys.Head, cancellationToken);

    /// <summary>Makes an incident the one of its key. False where somebody else was faster.</summary>
    public async Task<bool> ClaimAsync(CorrelationClaim claim, string? etag, CancellationToken cancellationToken)
    {
        var document = PipelineJson.ToUtf8(claim);
        EntityWrite write = etag is null
            ? new EntityWrite.Insert(IncidentKeys.Head, document)
            : new EntityWrite.Replace(IncidentKeys.Head, document, etag);
        return (await table.CommitAsync(IncidentKeys.Claim(claim.CorrelationKey), [write], cancellationToken).ConfigureAwait(false)).IsCommitted;
    }

    /// <summary>The incident that last took in this alert, whatever the correlation key says today.</summary>
    public async Task<string?> GetIncidentOfAlertAsync(string fingerprint, CancellationToken cancellationToken) =>
        (await table.GetAsync<string>(IncidentKeys.AlertPointer(fingerprint), IncidentKeys.Head, cancellationToken).ConfigureAwait(false))?.Value;

    public Task PointAlertAsync(string fingerprint, string incidentId, CancellationToken cancellationToken) =>
        table.CommitAsync(
            IncidentKeys.AlertPointer(fingerprint), [new EntityWrite.Upsert(IncidentKeys.Head, PipelineJson.ToUtf8(incidentId))], cancellationToken);

    /// <summary>Takes an incident out of the open index once it is resolved and has nothing left to tell.</summary>
    public async Task SettleIndexAsync(Incident incident, CancellationToken cancellationToken)
    {
        if (!incident.IsSettled)
        {
            return;
        }

        await table.CommitAsync(
            IncidentKeys.OpenIncidents, [new EntityWrite.Delete(IncidentKeys.NewestFirst(incident.Number))], cancellationToken).ConfigureAwait(false);

        // Somebody may have reopened it or written on it in between; the index must not lack it then.
        if (await GetAsync(incident.Id, cancellationToken).ConfigureAwait(false) is { IsSettled: false } again)
        {
            await IndexAsync(again, cancellationToken).ConfigureAwait(false);
        }
    }

    // Before the head: an index entry without an incident is passed over, an incident without an entry would be lost from sight.
    private async Task IndexAsync(Incident head, CancellationToken cancellationToken)
    {
        var row = IncidentKeys.NewestFirst(head.Number);
        var document = PipelineJson.ToUtf8(new IncidentReference(head.Id, head.Number));
        await table.CommitAsync(IncidentKeys.AllIncidents, [new EntityWrite.Upsert(row, document)], cancellationToken).ConfigureAwait(false);
        await table.CommitAsync(IncidentKeys.OpenIncidents, [new EntityWrite.Upsert(row, document)], cancellationToken).ConfigureAwait(false);
    }

    private sealed record IncidentReference(string Id, long Number);
}

/// <param name="IsRepeat">The step had been done before; nothing was written.</param>
public sealed record IncidentEdit<TResult>(Incident Incident, TResult Result, bool IsRepeat);

/// <summary>Which incident a correlation key belongs to now. Written before the incident, so that two can't open at once.</summary>
public sealed record CorrelationClaim(string CorrelationKey, string IncidentId, long Number, DateTimeOffset ClaimedAt);
