using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>Reads a timeline to its end, page by page.</summary>
internal static class WholeTimeline
{
    public static async Task<IReadOnlyList<TimelineEntry>> WholeTimelineAsync(
        this IncidentStore incidents, string incidentId, CancellationToken cancellationToken)
    {
        var entries = new List<TimelineEntry>();
        while (true)
        {
            var page = await incidents.TimelineAsync(incidentId, entries.Count, RowKeyRange.DefaultTake, cancellationToken).ConfigureAwait(false);
            entries.AddRange(page);
            if (page.Count < RowKeyRange.DefaultTake)
            {
                return entries;
            }
        }
    }
}
