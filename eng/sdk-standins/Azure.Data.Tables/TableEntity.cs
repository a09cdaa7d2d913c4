namespace Azure.Data.Tables;

/// <summary>
/// An entity as its named properties.
/// https://learn.microsoft.com/dotnet/api/azure.data.tables.tableentity
/// </summary>
public sealed class TableEntity : ITableEntity
{
    private readonly Dictionary<string, object> properties = new(StringComparer.Ordinal);

    public TableEntity(string partitionKey, string rowKey)
    {
        PartitionKey = partitionKey;
        RowKey = rowKey;
    }

    public string PartitionKey { get; set; }

    public string RowKey { get; set; }

    public DateTimeOffset? Timestamp { get; set; }

    public ETag ETag { get; set; }

    /// <summary>Properties beside the keys, the timestamp and the ETag.</summary>
    internal IReadOnlyDictionary<string, object> Properties => properties;

    /// <returns>Null where there is no such property.</returns>
    public object? this[string key]
    {
        get => properties.GetValueOrDefault(key);
        set
        {
            if (value is null)
            {
                properties.Remove(key);
            }
            else
            {
                properties[key] = value;
            }
        }
    }

    /// <returns>Null where there is no such property.</returns>
    /// <exception cref="InvalidOperationException">It is no binary property.</exception>
    public byte[]? GetBinary(string key) => this[key] switch
    {
        null => null,
        byte[] bytes => bytes,
        var other => throw new InvalidOperationException($"The property {key} is a {other.GetType().Name}, not binary."),
    };
}
