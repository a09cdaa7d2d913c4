using Pipeline.Runtime;

namespace Pipeline.Functions.Posts;

/// <summary>A post as rows of a table: its facts in the first, its body in as many more as it takes.</summary>
internal static class PostChunks
{
    /// <summary>Of a body in one row: base64 makes four of three, and a document has at most 480 KiB.</summary>
    public const int BytesInRow = 320 * 1024;

    /// <summary>Rows of full size that fit into one batch.</summary>
    public const int RowsInBatch = 4;

    // Every row key of a post is its head's and a number; the head is written last, so a post without it was never accepted.
    public static string HeadRow(long id) => Invert(id);

    public static string BodyRow(long id, int chunk) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Invert(id)}|{chunk:D4}");

    /// <summary>Newest first: the rows of a table are in ordinal order.</summary>
    private static string Invert(long id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{long.MaxValue - id:D19}");

    public static IEnumerable<EntityWrite> BodyRows(long id, ReadOnlyMemory<byte> body)
    {
        for (var (chunk, at) = (0, 0); at < body.Length; chunk++, at += BytesInRow)
        {
            var part = body.Slice(at, Math.Min(BytesInRow, body.Length - at));
            yield return new EntityWrite.Upsert(BodyRow(id, chunk), PipelineJson.ToUtf8(Convert.ToBase64String(part.Span)));
        }
    }

    public static int CountFor(int bytes) => (bytes + BytesInRow - 1) / BytesInRow;
}

/// <summary>The facts of an archived post.</summary>
/// <param name="Chunks">Rows that hold the body.</param>
internal sealed record PostHead(
    long Id, string Source, DateTimeOffset ReceivedAt, string? Caller, string? RejectedBecause, int Bytes, int Chunks);
