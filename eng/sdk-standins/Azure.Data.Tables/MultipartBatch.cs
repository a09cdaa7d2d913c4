using System.Security.Cryptography;
using System.Text;

namespace Azure.Data.Tables;

/// <summary>
/// The body of an entity group transaction: a batch of one change set, in which each operation is a request of its own.
/// https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions#json-versions-2013-08-15-and-later
/// </summary>
internal sealed class MultipartBatch
{
    private readonly MemoryStream body = new();
    private readonly string batch = "batch_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly string changeSet = "changeset_" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    public MultipartBatch()
    {
        WriteLine($"--{batch}");
        WriteLine($"Content-Type: multipart/mixed; boundary={changeSet}");
        WriteLine();
    }

    public string ContentType => $"multipart/mixed; boundary={batch}";

    /// <param name="address">The table for an insert, the entity for all else.</param>
    public void Add(TableTransactionAction action, string address)
    {
        WriteLine($"--{changeSet}");
        WriteLine("Content-Type: application/http");
        WriteLine("Content-Transfer-Encoding: binary");
        WriteLine();
        WriteLine($"{Method(action.ActionType)} {address} HTTP/1.1");
        WriteLine($"Accept: {TableRequests.MinimalMetadata}");
        WriteLine($"DataServiceVersion: {TableRequests.ServiceVersion}");
        if (IfMatch(action) is { } etag)
        {
            WriteLine($"If-Match: {etag}");
        }

        if (action.ActionType == TableTransactionActionType.Delete)
        {
            WriteLine();
        }
        else
        {
            WriteLine("Prefer: return-no-content");
            WriteLine("Content-Type: application/json");
            WriteLine();
            EntityJson.Write(body, (TableEntity)action.Entity);
        }

        WriteLine();
    }

    public ReadOnlyMemory<byte> End()
    {
        WriteLine($"--{changeSet}--");
        WriteLine($"--{batch}--");
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static string Method(TableTransactionActionType type) => type switch
    {
        TableTransactionActionType.Add => "POST",
        TableTransactionActionType.UpdateReplace or TableTransactionActionType.UpsertReplace => "PUT",
        TableTransactionActionType.Delete => "DELETE",
        _ => throw new NotSupportedException($"This stand-in has no {type}."),
    };

    /// <summary>A PUT without it is an upsert; a DELETE can't be without it.</summary>
    private static string? IfMatch(TableTransactionAction action) => action.ActionType switch
    {
        TableTransactionActionType.UpdateReplace => action.ETag.ToString(),
        TableTransactionActionType.Delete => action.ETag == default ? ETag.All.ToString() : action.ETag.ToString(),
        _ => null,
    };

    private void WriteLine(string line = "") => body.Write(Encoding.UTF8.GetBytes(line + "\r\n"));
}
