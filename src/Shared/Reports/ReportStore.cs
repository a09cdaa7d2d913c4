using System.Text.Json;
using Pipeline.Runtime;

namespace Pipeline.Reports;

/// <summary>A report as it was made; it doesn't change afterwards.</summary>
public sealed record StoredReport
{
    /// <summary>In JSON as text, e.g. <c>weekly-2026-01-05</c>.</summary>
    public required ReportId Id { get; init; }

    public string Kind => Id.Kind;

    /// <summary>Inclusive, with the offset of the report's time zone.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Exclusive, with the offset of the report's time zone.</summary>
    public required DateTimeOffset To { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The report in a sentence, plain text.</summary>
    public required string Headline { get; init; }

    public required string Markdown { get; init; }

    /// <summary>The report's figures; for the kind <c>weekly</c> a <see cref="WeeklyReview"/>.</summary>
    public required JsonElement Content { get; init; }
}

/// <param name="Next">Where the next page goes on (<c>after</c>); null on the last one.</param>
public sealed record ReportPage(IReadOnlyList<StoredReport> Items, ReportId? Next);

/// <summary>Reports in the order of their periods, one for each period and kind.</summary>
public sealed class ReportStore(IEntityTable table)
{
    public const int MaxPage = 50;
    private const string Partition = "reports";

    /// <returns>False where the period has its report already; that one stays as it is.</returns>
    public async Task<bool> AddAsync(StoredReport report, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        var insert = new EntityWrite.Insert(report.Id.RowKey, PipelineJson.ToUtf8(report));
        var outcome = await table.CommitAsync(Partition, [insert], cancellationToken).ConfigureAwait(false);
        return outcome.IsCommitted;
    }

    public async Task<StoredReport?> GetAsync(ReportId id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        var stored = await table.GetAsync<StoredReport>(Partition, id.RowKey, cancellationToken).ConfigureAwait(false);
        return stored?.Value;
    }

    /// <summary>Newest first.</summary>
    /// <param name="kind">Only this kind; null is all.</param>
    /// <param name="take">1 to <see cref="MaxPage"/>.</param>
    /// <param name="after">Only those that follow this one in the list.</param>
    public async Task<ReportPage> ListAsync(
        string? kind, int take, ReportId? after = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(take, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(take, MaxPage);
        var found = new List<StoredReport>(take + 1);
        var range = new RowKeyRange { After = after?.RowKey, Take = MaxPage + 1 };
        while (found.Count <= take)
        {
            var rows = await table.QueryAsync<StoredReport>(Partition, range, cancellationToken).ConfigureAwait(false);
            found.AddRange(rows.Select(row => row.Value).Where(report => kind is null || string.Equals(report.Kind, kind, StringComparison.Ordinal)));
            if (rows.Count < range.Take)
            {
                break;
            }

            range = range with { After = rows[^1].RowKey };
        }

        return found.Count <= take
            ? new ReportPage(found, Next: null)
            : new ReportPage(found[..take], found[take - 1].Id);
    }
}
