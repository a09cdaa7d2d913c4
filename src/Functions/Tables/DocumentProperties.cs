using System.Globalization;
using Azure.Data.Tables;

namespace Pipeline.Functions.Tables;

/// <summary>
/// A document in binary properties <c>Document0</c>, <c>Document1</c>, … of 64 KiB, the most that a property holds.
/// Binary, since text is UTF-16 there and would fill an entity with half as much.
/// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-types
/// </summary>
internal static class DocumentProperties
{
    public const int MaxPropertyBytes = 64 * 1024;

    /// <summary>An empty document has no property.</summary>
    public static void Write(TableEntity entity, ReadOnlySpan<byte> document)
    {
        for (var i = 0; i * MaxPropertyBytes < document.Length; i++)
        {
            var rest = document[(i * MaxPropertyBytes)..];
            entity[Name(i)] = rest[..Math.Min(rest.Length, MaxPropertyBytes)].ToArray();
        }
    }

    public static ReadOnlyMemory<byte> Read(TableEntity entity)
    {
        var chunks = new List<byte[]>();
        while (entity.GetBinary(Name(chunks.Count)) is { } chunk)
        {
            chunks.Add(chunk);
        }

        return chunks.Count == 1 ? chunks[0] : chunks.SelectMany(chunk => chunk).ToArray();
    }

    private static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"Document{index}");
}
