using System.Globalization;

namespace Azure.Data.Tables;

/// <summary>
/// An operation of a transaction failed, and with it all of them.
/// https://learn.microsoft.com/dotnet/api/azure.data.tables.tabletransactionfailedexception
/// </summary>
#pragma warning disable RCS1194, CA1032 // The official type has this constructor only.
public class TableTransactionFailedException : RequestFailedException
{
    public TableTransactionFailedException(RequestFailedException requestFailedException)
        : base(requestFailedException.Status, requestFailedException.Message, requestFailedException.ErrorCode, requestFailedException.InnerException)
    {
        if (requestFailedException.Data[ErrorParser.FailedIndex] is string text
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            FailedTransactionActionIndex = index;
        }
    }

    /// <summary>The first operation that failed, where the service named it.</summary>
    public int? FailedTransactionActionIndex { get; }
}
