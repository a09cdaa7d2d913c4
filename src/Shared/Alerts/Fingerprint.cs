using System.Globalization;
using System.Text;

namespace Pipeline.Alerts;

/// <summary>
/// The identity of an alert, as Alertmanager computes it: FNV-1a 64 over the labels sorted by the bytes of their names,
/// each as name, byte 0xFF, value, byte 0xFF. Byte 0xFF can't be part of UTF-8, so no two sets of labels give the same bytes.
/// </summary>
public static class Fingerprint
{
    /// <summary>16 lower-case hex digits. Labels with an empty value count as absent, as in Alertmanager.</summary>
    public static string Of(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var sorted = new KeyValuePair<string, string>[labels.Count];
        var count = 0;
        foreach (var label in labels)
        {
            if (label.Value.Length > 0)
            {
                sorted[count++] = label;
            }
        }

        Array.Sort(sorted, 0, count, ByNameInUtf8.Instance);
        var hash = Fnv1A.Start;
        foreach (var (name, value) in sorted.AsSpan(0, count))
        {
            hash = Fnv1A.Add(Fnv1A.Add(hash, name), Separator);
            hash = Fnv1A.Add(Fnv1A.Add(hash, value), Separator);
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private const byte Separator = 0xFF;

    /// <summary>The order of the names' UTF-8 bytes, which is the order of their code points.</summary>
    private sealed class ByNameInUtf8 : IComparer<KeyValuePair<string, string>>
    {
        public static readonly ByNameInUtf8 Instance = new();

        public int Compare(KeyValuePair<string, string> x, KeyValuePair<string, string> y)
        {
            var one = x.Key.AsSpan();
            var other = y.Key.AsSpan();
            var same = one.CommonPrefixLength(other);
            return same == one.Length || same == other.Length
                ? one.Length - other.Length
                : Weight(one[same]) - Weight(other[same]);
        }

        /// <summary>UTF-16 places surrogates before U+E000 to U+FFFF; the code points they stand for come after.</summary>
        private static int Weight(char character) => char.IsSurrogate(character) ? character + 0x10000 : character;
    }
}

/// <summary>FNV-1a with 64 bits. http://www.isthe.com/chongo/tech/comp/fnv/</summary>
internal static class Fnv1A
{
    public const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Add(ulong hash, byte value) => (hash ^ value) * Prime;

    public static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            hash = Add(hash, value);
        }

        return hash;
    }

    /// <summary>Adds the UTF-8 of <paramref name="text"/>.</summary>
    public static ulong Add(ulong hash, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (!char.IsAscii(character))
            {
                return AddBeyondAscii(hash, text.AsSpan(i));
            }

            hash = Add(hash, (byte)character);
        }

        return hash;
    }

    private static ulong AddBeyondAscii(ulong hash, ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            hash = Add(hash, bytes[..rune.EncodeToUtf8(bytes)]);
        }

        return hash;
    }
}
