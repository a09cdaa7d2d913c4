using System.Text;

namespace Pipeline.Runtime;

/// <summary>
/// The limits of Azure Table Storage, kept by every adapter, so that what works on one machine works in the cloud.
/// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
/// </summary>
public static class EntityLimits
{
    /// <summary>Writes in one batch (entity group transaction).</summary>
    public const int MaxBatch = 100;

    /// <summary>A key is at most 1 KiB, which is 512 UTF-16 characters.</summary>
    public const int MaxKeyCharacters = 512;

    /// <summary>
    /// 480 KiB of UTF-8, kept in binary properties of 64 KiB each. An entity could hold 1 MiB; this much would fit it as UTF-16 text too.
    /// </summary>
    public const int MaxDocumentBytes = 480 * 1024;

    /// <summary>
    /// A batch's documents together: 2 MiB. A request holds 4 MiB, and in it binary is base64, a third longer: that leaves 13 KiB a write
    /// for its keys and headers, enough for two keys of 512 characters unless both are outside ASCII.
    /// </summary>
    public const int MaxBatchBytes = 2 * 1024 * 1024;

    /// <summary>
    /// Throws <see cref="ArgumentException"/> for a key that Azure Table Storage would refuse, and for one with characters outside the
    /// Basic Multilingual Plane, which stores sort differently. <see cref="EscapeKey"/> makes any text fit.
    /// </summary>
    public static void CheckKey(string key, string parameter)
    {
        ArgumentNullException.ThrowIfNull(key, parameter);
        if (key.Length > MaxKeyCharacters)
        {
            throw new ArgumentException($"A key has at most {MaxKeyCharacters} characters; this one has {key.Length}.", parameter);
        }

        foreach (var character in key)
        {
            if (!CanStandInKey(character))
            {
                throw new ArgumentException($"The key '{key}' has the character U+{(int)character:X4}, which a table key can't hold; escape it with {nameof(EscapeKey)}.", parameter);
            }
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> for a batch that Azure Table Storage would refuse.</summary>
    public static void CheckBatch(string partitionKey, IReadOnlyList<EntityWrite> writes)
    {
        CheckKey(partitionKey, nameof(partitionKey));
        ArgumentNullException.ThrowIfNull(writes);
        if (writes.Count is 0 or > MaxBatch)
        {
            throw new ArgumentException($"A batch holds 1 to {MaxBatch} writes, not {writes.Count}.", nameof(writes));
        }

        var rows = new HashSet<string>(writes.Count, StringComparer.Ordinal);
        var total = 0L;
        foreach (var write in writes)
        {
            CheckKey(write.RowKey, nameof(writes));
            if (!rows.Add(write.RowKey))
            {
                throw new ArgumentException($"A batch writes a row once; '{write.RowKey}' is written twice.", nameof(writes));
            }

            var size = write.Content.GetValueOrDefault().Length;
            if (size > MaxDocumentBytes)
            {
                throw new ArgumentException($"A document has at most {MaxDocumentBytes} bytes; '{write.RowKey}' has {size}.", nameof(writes));
            }

            total += size;
        }

        if (total > MaxBatchBytes)
        {
            throw new ArgumentException($"A batch has at most {MaxBatchBytes} bytes of documents, not {total}.", nameof(writes));
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> for a range that can't be asked for.</summary>
    public static void CheckRange(RowKeyRange range)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(range.Take, 1, nameof(range));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.Take, RowKeyRange.DefaultTake, nameof(range));
    }

    /// <summary>
    /// <paramref name="text"/> with each character a key can't hold written as <c>~</c> and four hex digits, so that it can be part of a key.
    /// <c>~</c> and <c>|</c> are escaped too: the second is free to separate the parts of a key.
    /// </summary>
    public static string EscapeKey(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder? escaped = null;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (character is '~' or '|' || !CanStandInKey(character))
            {
                escaped ??= new StringBuilder(text, 0, i, text.Length + 8);
                escaped.Append('~').Append(((int)character).ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
            }
            else
            {
                escaped?.Append(character);
            }
        }

        return escaped?.ToString() ?? text;
    }

    private static bool CanStandInKey(char character) =>
        character is not ('/' or '\\' or '#' or '?' or '\uffff') && !char.IsControl(character) && !char.IsSurrogate(character);
}
