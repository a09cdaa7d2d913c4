namespace Azure.Data.Tables;

/// <summary>
/// Where the next page of a query begins.
/// https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
/// </summary>
internal sealed record Continuation(string NextPartitionKey, string? NextRowKey)
{
    public static Continuation? Of(Response response) =>
        response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partitionKey) && partitionKey is not null
            ? new Continuation(partitionKey, response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out var rowKey) ? rowKey : null)
            : null;

    public static Continuation? Parse(string? token)
    {
        if (token is null)
        {
            return null;
        }

        var parts = token.Split(' ', 2);
        return new Continuation(parts[0], parts.Length > 1 ? parts[1] : null);
    }

    // Both are encoded by the service and hold no space.
    public override string ToString() => NextRowKey is null ? NextPartitionKey : $"{NextPartitionKey} {NextRowKey}";
}
