using System.Globalization;

namespace Pipeline.Hosting.Configuration;

/// <summary>Numbers of bytes: a whole number and one of <c>KiB</c>, <c>MiB</c>, <c>GiB</c>, <c>TiB</c>, each 1,024 of the one before.</summary>
internal static class ByteSizes
{
    private static readonly (string Name, int Shift)[] Units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];

    /// <summary>False for anything else, also for a bare number and for <c>MB</c>, which some take for 1,000,000 bytes.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        foreach (var (name, shift) in Units)
        {
            if (text.EndsWith(name, StringComparison.Ordinal)
                && long.TryParse(text.AsSpan(0, text.Length - name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count <= long.MaxValue >> shift)
            {
                bytes = count << shift;
                return true;
            }
        }

        return false;
    }

    /// <summary>In the largest unit that needs no fraction: <c>96MiB</c>.</summary>
    public static string Text(long bytes)
    {
        var (name, shift) = Array.Find(Units, unit => bytes >> unit.Shift << unit.Shift == bytes && bytes >> unit.Shift > 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift}{name}");
    }
}

/// <summary>What a number of bytes may be, both ends included.</summary>
internal sealed record ByteSizeRange(long Minimum, long Maximum)
{
    public bool Contains(long bytes) => bytes >= Minimum && bytes <= Maximum;

    public override string ToString() => $"from {ByteSizes.Text(Minimum)} to {ByteSizes.Text(Maximum)}";
}
