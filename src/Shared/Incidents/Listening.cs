using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>Since when alerts are heard, and applied without delay; kept up to date by <see cref="StaleAlerts"/>.</summary>
internal sealed record Listening(DateTimeOffset Since, DateTimeOffset LastSweepAt)
{
    private const string Partition = "listening";

    /// <summary>Returns what the last sweep left; null before the first.</summary>
    public static async Task<Listening?> ReadAsync(IEntityTable table, CancellationToken cancellationToken) =>
        (await table.GetAsync<Listening>(Partition, IncidentKeys.Head, cancellationToken).ConfigureAwait(false))?.Value;

    public Task WriteAsync(IEntityTable table, CancellationToken cancellationToken) =>
        table.CommitAsync(
            Partition, [new EntityWrite.Upsert(IncidentKeys.Head, PipelineJson.ToUtf8(this))], cancellationToken);

    /// <summary>Whether all that was sent between the two times was heard: the silence was the sender's and not ours.</summary>
    /// <remarks>The first sweep comes a moment after the first alert.</remarks>
    public bool Covers(DateTimeOffset from, DateTimeOffset to) =>
        Since - from <= StaleAlerts.LongestGap && to - LastSweepAt <= StaleAlerts.LongestGap;
}
