using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>What was paged for, by failure: it outlives its incident, and another one finds it by the same title in the same place.</summary>
public sealed partial class IncidentStore
{
    /// <summary>Remembers that somebody got a page for everything that fails in <paramref name="incident"/>.</summary>
    public Task RememberPageAsync(Incident incident, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var document = PipelineJson.ToUtf8(new PagedFailure(incident.Id, at));
        return incident.Failures.Count == 0
            ? Task.CompletedTask
            : table.CommitAsync(IncidentKeys.PagedFailures, [.. incident.Failures.Select(key => new EntityWrite.Upsert(key, document))], cancellationToken);
    }

    /// <summary>The last page for a failure of this key.</summary>
    /// <param name="incident">The incident that takes the failure in; null where it opens one.</param>
    public async Task<LastPage?> LastPageAsync(string failureKey, Incident? incident, CancellationToken cancellationToken)
    {
        if (await table.GetAsync<PagedFailure>(IncidentKeys.PagedFailures, failureKey, cancellationToken).ConfigureAwait(false) is not { Value: var paged })
        {
            return null;
        }

        var isHere = paged.IncidentId == incident?.Id;
        var head = isHere ? incident : await GetAsync(paged.IncidentId, cancellationToken).ConfigureAwait(false);
        return head is null ? null : new LastPage(paged.At, head.Severity, IsBeside: !isHere && head.IsOpen);
    }

    private sealed record PagedFailure(string IncidentId, DateTimeOffset At);
}
