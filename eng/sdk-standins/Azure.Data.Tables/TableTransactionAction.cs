namespace Azure.Data.Tables;

/// <summary>
/// One operation of an entity group transaction.
/// https://learn.microsoft.com/dotnet/api/azure.data.tables.tabletransactionaction
/// </summary>
public class TableTransactionAction
{
    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity, ETag etag = default)
    {
        ActionType = actionType;
        Entity = entity;
        ETag = etag;
    }

    public TableTransactionActionType ActionType { get; }

    public ITableEntity Entity { get; }

    /// <summary>What the row's ETag must be for an update or a delete.</summary>
    public ETag ETag { get; }
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.data.tables.tabletransactionactiontype</summary>
public enum TableTransactionActionType
{
    Add = 0,
    UpdateReplace = 2,
    Delete = 3,
    UpsertReplace = 5,
}
