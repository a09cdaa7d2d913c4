namespace Azure.Data.Tables.Models;

/// <summary>https://learn.microsoft.com/dotnet/api/azure.data.tables.models.tableitem</summary>
public class TableItem
{
    public TableItem(string name) => Name = name;

    public string Name { get; }
}
