namespace Azure.Data.Tables;

/// <summary>https://learn.microsoft.com/dotnet/api/azure.data.tables.itableentity</summary>
public interface ITableEntity
{
    string PartitionKey { get; set; }

    string RowKey { get; set; }

    DateTimeOffset? Timestamp { get; set; }

    ETag ETag { get; set; }
}
