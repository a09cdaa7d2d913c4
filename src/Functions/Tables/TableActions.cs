using Azure;
using Azure.Data.Tables;
using Pipeline.Runtime;

namespace Pipeline.Functions.Tables;

/// <summary>A write as an operation of an entity group transaction.</summary>
internal static class TableActions
{
    // The service's ETags are times, and no row was written at this one.
    private static readonly ETag Never = new("W/\"datetime'1970-01-01T00%3A00%3A00Z'\"");

    public static TableTransactionAction For(string partitionKey, EntityWrite write) => write switch
    {
        EntityWrite.Insert insert => new(TableTransactionActionType.Add, WithDocument(partitionKey, write.RowKey, insert.Document), default),
        EntityWrite.Replace replace => new(TableTransactionActionType.UpdateReplace, WithDocument(partitionKey, write.RowKey, replace.Document), Expected(replace.ETag)),
        EntityWrite.Upsert upsert => new(TableTransactionActionType.UpsertReplace, WithDocument(partitionKey, write.RowKey, upsert.Document), default),
        EntityWrite.Delete delete => new(TableTransactionActionType.Delete, new TableEntity(partitionKey, write.RowKey), delete.ETag is null ? ETag.All : Expected(delete.ETag)),
        _ => throw new ArgumentException($"{write.GetType().Name} is no write this program knows.", nameof(write)),
    };

    /// <summary>
    /// An ETag that isn't the service's, a weak one, is of no row: the service would answer 400 to it, or take <c>*</c> for any.
    /// </summary>
    private static ETag Expected(string etag) =>
        etag.StartsWith("W/\"", StringComparison.Ordinal) && etag.EndsWith('"') ? new ETag(etag) : Never;

    private static TableEntity WithDocument(string partitionKey, string rowKey, ReadOnlyMemory<byte> document)
    {
        var entity = new TableEntity(partitionKey, rowKey);
        DocumentProperties.Write(entity, document.Span);
        return entity;
    }
}
