using System.Globalization;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Postmortems;

/// <summary>A postmortem as it was written down. Nothing is ever overwritten; an edit is another version.</summary>
/// <param name="Round">The incident's round that it tells of.</param>
/// <param name="Version">From 1 in each round; 1 is the draft that the pipeline wrote.</param>
public sealed record Postmortem(
    string IncidentId, int Round, int Version, string Title, Severity Severity, DateTimeOffset WrittenAt, string Markdown);

public sealed class PostmortemStore(IEntityTable table)
{
    /// <summary>The newest version of the newest round; null where there is none.</summary>
    public async Task<Postmortem?> GetAsync(string incidentId, CancellationToken cancellationToken)
    {
        var rows = await table.QueryAsync<Postmortem>(Partition(incidentId), new RowKeyRange { Take = 1 }, cancellationToken).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0].Value;
    }

    /// <summary>False where that version is there already; what stands stays.</summary>
    public async Task<bool> AddAsync(Postmortem postmortem, CancellationToken cancellationToken)
    {
        var write = new EntityWrite.Insert(NewestFirst(postmortem), PipelineJson.ToUtf8(postmortem));
        var outcome = await table.CommitAsync(Partition(postmortem.IncidentId), [write], cancellationToken).ConfigureAwait(false);
        return outcome.IsCommitted;
    }

    private static string Partition(string incidentId) => $"postmortem|{incidentId}";

    private static string NewestFirst(Postmortem postmortem) =>
        string.Create(CultureInfo.InvariantCulture, $"{99_999 - postmortem.Round:D5}|{99_999 - postmortem.Version:D5}");
}
