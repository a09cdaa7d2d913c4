using System.Globalization;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Data.Tables;

/// <summary>
/// The requests of the Table service's REST API.
/// https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
/// </summary>
internal sealed class TableRequests(HttpPipeline pipeline, Uri endpoint, string tableName, string version)
{
    internal const string MinimalMetadata = "application/json;odata=minimalmetadata";
    internal const string ServiceVersion = "3.0";

    private readonly string service = endpoint.AbsoluteUri.TrimEnd('/');

    public Uri Table => new($"{service}/{tableName}");

    /// <summary>https://learn.microsoft.com/rest/api/storageservices/create-table</summary>
    public HttpMessage CreateTable()
    {
        var message = Message(RequestMethod.Post, $"{service}/Tables");
        message.Request.Headers.Add("Prefer", "return-no-content");
        message.Request.Headers.Add(HttpHeader.Names.ContentType, "application/json");
        message.Request.Content = RequestContent.Create(JsonSerializer.SerializeToUtf8Bytes(new { TableName = tableName }));
        return message;
    }

    /// <summary>https://learn.microsoft.com/rest/api/storageservices/query-entities</summary>
    public HttpMessage GetEntity(string partitionKey, string rowKey, IEnumerable<string>? select)
    {
        var query = new StringBuilder();
        Append(query, "$select", Join(select));
        return Message(RequestMethod.Get, EntityAddress(partitionKey, rowKey) + query);
    }

    /// <summary>https://learn.microsoft.com/rest/api/storageservices/query-entities</summary>
    public HttpMessage Query(string? filter, int? top, IEnumerable<string>? select, Continuation? from)
    {
        var query = new StringBuilder();
        Append(query, "$filter", filter);
        Append(query, "$top", top?.ToString(CultureInfo.InvariantCulture));
        Append(query, "$select", Join(select));
        Append(query, "NextPartitionKey", from?.NextPartitionKey);
        Append(query, "NextRowKey", from?.NextRowKey);
        return Message(RequestMethod.Get, $"{Table}(){query}");
    }

    /// <summary>https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions</summary>
    public HttpMessage Batch(IReadOnlyList<TableTransactionAction> actions)
    {
        var content = new MultipartBatch();
        foreach (var action in actions)
        {
            var entity = (TableEntity)action.Entity;
            var address = action.ActionType == TableTransactionActionType.Add ? Table.AbsoluteUri : EntityAddress(entity.PartitionKey, entity.RowKey);
            content.Add(action, address);
        }

        var message = Message(RequestMethod.Post, $"{service}/$batch");
        message.Request.Headers.Add(HttpHeader.Names.ContentType, content.ContentType);
        message.Request.Content = RequestContent.Create(content.End());
        return message;
    }

    private HttpMessage Message(RequestMethod method, string address)
    {
        var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(address));
        message.Request.Headers.Add("x-ms-version", version);
        message.Request.Headers.Add("DataServiceVersion", ServiceVersion);
        message.Request.Headers.Add(HttpHeader.Names.Accept, MinimalMetadata);
        return message;
    }

    private string EntityAddress(string partitionKey, string rowKey) => $"{Table}(PartitionKey='{Escape(partitionKey)}',RowKey='{Escape(rowKey)}')";

    private static string Escape(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));

    private static string? Join(IEnumerable<string>? select) => select is null ? null : string.Join(',', select);

    private static void Append(StringBuilder query, string name, string? value)
    {
        if (value is not null)
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
