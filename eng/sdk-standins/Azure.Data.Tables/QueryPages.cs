namespace Azure.Data.Tables;

/// <summary>Asks for one page after the other while the service names where the next begins. A page may hold fewer entities than asked for, or none.</summary>
internal sealed class QueryPages<T>(Func<string?, int?, Task<Page<T>>> read, int? maxPerPage) : AsyncPageable<T>
    where T : notnull
{
    public override async IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        do
        {
            var page = await read(continuationToken, pageSizeHint ?? maxPerPage).ConfigureAwait(false);
            yield return page;
            continuationToken = page.ContinuationToken;
        }
        while (continuationToken is not null);
    }
}
