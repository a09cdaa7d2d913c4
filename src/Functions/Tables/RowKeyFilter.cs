using Azure.Data.Tables;
using Pipeline.Runtime;

namespace Pipeline.Functions.Tables;

/// <summary>
/// A range of one partition as the service's filter.
/// https://learn.microsoft.com/rest/api/storageservices/querying-tables-and-entities
/// </summary>
internal static class RowKeyFilter
{
    public static string For(string partitionKey, RowKeyRange range)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey}");
        if (range.From is not null)
        {
            filter += TableClient.CreateQueryFilter($" and RowKey ge {range.From}");
        }

        if (range.After is not null)
        {
            filter += TableClient.CreateQueryFilter($" and RowKey gt {range.After}");
        }

        return range.Before is null ? filter : filter + TableClient.CreateQueryFilter($" and RowKey lt {Printable(range.Before)}");
    }

    /// <summary>
    /// A prefix's end is asked for as the service's documentation does, by the character after its last: <c>alert|</c> ends before <c>alert}</c>.
    /// U+FFFF is no character, and what lies between the two bounds begins with the prefix, which every such row key is within either.
    /// </summary>
    private static string Printable(string before)
    {
        if (before.Length < 2 || before[^1] != '\uffff')
        {
            return before;
        }

        var next = (char)(before[^2] + 1);
        return char.IsControl(next) || char.IsSurrogate(next) || next == '\uffff' ? before : before[..^2] + next;
    }
}
