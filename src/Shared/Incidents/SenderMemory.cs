using System.Collections.Concurrent;
using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>What a sender was seen to do.</summary>
/// <param name="LongestGap">The longest time after which it repeated a firing alert that names no end; null before the first long one.</param>
/// <param name="GapAt">When such a gap was seen last.</param>
public sealed record SenderHabits(string Sender, DateTimeOffset FirstHeardAt, TimeSpan? LongestGap = null, DateTimeOffset? GapAt = null)
{
    // A sender that was down for days isn't one that repeats every few days: a gap not seen again is forgotten.
    private const int GapsRemembered = 7;
    private const double AboutAsLong = 0.8;

    /// <summary>How long a repeat may be late before it is missed: Alertmanager adds up to its <c>group_interval</c>, and peers wait for each other.</summary>
    private const double Lateness = 1.25;

    /// <summary>An alert of a new sender is detected as it fires; one that began longer before was firing unheard.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromMinutes(10);

    /// <summary>No outage of the pipeline is that long and unnoticed; a route that was added later is.</summary>
    private static readonly TimeSpan LongestDetection = TimeSpan.FromDays(1);

    private static readonly TimeSpan LongestLearned = TimeSpan.FromDays(3);

    /// <summary>After how long a silence its alerts are stale.</summary>
    public TimeSpan StaleAfter(TimeSpan configured, DateTimeOffset now)
    {
        var learned = LongestGap is { } gap && now - GapAt <= gap * GapsRemembered ? gap * Lateness : TimeSpan.Zero;
        return learned > configured ? learned : configured;
    }

    /// <summary>The habits with another gap in them; the same where it teaches nothing.</summary>
    public SenderHabits With(TimeSpan gap, TimeSpan configured, DateTimeOffset at)
    {
        if (gap > LongestLearned || gap * Lateness <= configured)
        {
            return this;
        }

        var isForgotten = LongestGap is { } held && at - GapAt > held * GapsRemembered;
        if (LongestGap is not { } longest || isForgotten || gap > longest)
        {
            return this with { LongestGap = gap, GapAt = at };
        }

        return gap >= longest * AboutAsLong ? this with { GapAt = at } : this;
    }

    /// <summary>Whether nobody can say how late the alert was detected, since it had begun before anybody listened.</summary>
    public bool FiredBeforeListening(Alert alert) =>
        FirstHeardAt - alert.StartsAt > Prompt || alert.ReceivedAt - alert.StartsAt > LongestDetection;
}

/// <summary>Remembers senders, and alerts that no incident has.</summary>
public sealed class SenderMemory(IEntityTable table)
{
    private const string Partition = "senders";
    private const string UnseenRow = "unseen";
    private const int MaxSender = 200;
    private const int MaxCached = 1000;

    private readonly ConcurrentDictionary<string, SenderHabits> heard = new(StringComparer.Ordinal);

    /// <summary>Returns who sent it: Alertmanager's or Prometheus's own address, as its post or its links name it; else the source.</summary>
    public static string Of(Alert alert)
    {
        if (alert.Sender is { } sender)
        {
            return MarkdownText.OneLine(sender, MaxSender);
        }

        if (alert.Source == AlertSources.Prometheus.Name && alert.GeneratorUrl is { } url && url.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
        {
            var end = url.IndexOf('/', scheme + 3);
            return MarkdownText.OneLine(end < 0 ? url : url[..end], MaxSender);
        }

        return alert.Source;
    }

    /// <summary>Returns what is known of the alert's sender, remembering it from now on where nothing was.</summary>
    public async ValueTask<SenderHabits> HearAsync(Alert alert, CancellationToken cancellationToken)
    {
        var sender = Of(alert);
        if (heard.TryGetValue(sender, out var known))
        {
            return known;
        }

        var row = IncidentKeys.Hash(sender);
        if (await table.GetAsync<SenderHabits>(Partition, row, cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            var habits = new SenderHabits(sender, alert.ReceivedAt);
            await table.CommitAsync(Partition, [new EntityWrite.Insert(row, PipelineJson.ToUtf8(habits))], cancellationToken).ConfigureAwait(false);
            return Keep(habits);
        }

        return Keep(stored.Value);
    }

    /// <summary>
    /// Learns how long a sender waits before it repeats an alert. A time in which the pipeline didn't listen teaches nothing:
    /// the sender may have repeated it meanwhile.
    /// </summary>
    public async Task LearnAsync(Alert alert, TimeSpan gap, TimeSpan configured, CancellationToken cancellationToken)
    {
        var before = await HearAsync(alert, cancellationToken).ConfigureAwait(false);
        var after = before.With(gap, configured, alert.ReceivedAt);
        if (after != before
            && await Listening.ReadAsync(table, cancellationToken).ConfigureAwait(false) is { } listening
            && listening.Covers(alert.ReceivedAt - gap, alert.ReceivedAt))
        {
            var write = new EntityWrite.Upsert(IncidentKeys.Hash(after.Sender), PipelineJson.ToUtf8(after));
            await table.CommitAsync(Partition, [write], cancellationToken).ConfigureAwait(false);
            Keep(after);
        }
    }

    /// <summary>Returns all habits, by sender.</summary>
    public async Task<IReadOnlyDictionary<string, SenderHabits>> AllAsync(CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, SenderHabits>(StringComparer.Ordinal);
        await foreach (var row in table.ScanAsync<SenderHabits>(Partition, RowKeyRange.All, cancellationToken).ConfigureAwait(false))
        {
            all[row.Value.Sender] = row.Value;
        }

        return all;
    }

    /// <summary>Returns what was received of an alert that no incident has.</summary>
    public async Task<AlertHistory> UnseenAsync(string fingerprint, CancellationToken cancellationToken) =>
        (await table.GetAsync<AlertHistory>(IncidentKeys.AlertPointer(fingerprint), UnseenRow, cancellationToken).ConfigureAwait(false))?.Value ?? AlertHistory.Empty;

    public Task KeepUnseenAsync(string fingerprint, AlertHistory history, CancellationToken cancellationToken) =>
        table.CommitAsync(
            IncidentKeys.AlertPointer(fingerprint), [new EntityWrite.Upsert(UnseenRow, PipelineJson.ToUtf8(history))], cancellationToken);

    private SenderHabits Keep(SenderHabits habits)
    {
        if (heard.Count >= MaxCached)
        {
            heard.Clear();
        }

        return heard[habits.Sender] = habits;
    }
}
