using System.Globalization;
using System.Text;

namespace Pipeline.Hosting.Configuration;

/// <summary>Durations as Prometheus writes them: <c>500ms</c>, <c>30s</c>, <c>1h30m</c>, <c>7d</c>, <c>2w</c>, <c>1y</c> (365 days); units from large to small, each once.</summary>
internal static class Durations
{
    private static readonly (string Name, TimeSpan Length)[] Units =
    [
        ("y", TimeSpan.FromDays(365)),
        ("w", TimeSpan.FromDays(7)),
        ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>False for anything else, a bare number other than 0 and a length beyond a <see cref="TimeSpan"/>'s included.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (string.Equals(text, "0", StringComparison.Ordinal))
        {
            return true;
        }

        var rest = text.AsSpan();
        var nextUnit = 0;
        while (!rest.IsEmpty)
        {
            if (!TryTake(ref rest, ref nextUnit, out var part) || part > TimeSpan.MaxValue - duration)
            {
                return false;
            }

            duration += part;
        }

        return nextUnit > 0;
    }

    /// <summary>The shortest spelling without weeks and years, which few people count in: <c>1h30m</c>, <c>30d</c>, <c>0s</c>.</summary>
    public static string Text(TimeSpan duration)
    {
        var text = new StringBuilder();
        var rest = duration;
        foreach (var (name, length) in Units.AsSpan(2))
        {
            var count = rest.Ticks / length.Ticks;
            rest -= length * count;
            if (count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{name}");
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, ref int nextUnit, out TimeSpan part)
    {
        part = TimeSpan.Zero;
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        rest = rest[digits..];
        var end = rest.IndexOfAnyInRange('0', '9');
        var name = end < 0 ? rest : rest[..end];
        rest = rest[name.Length..];
        while (nextUnit < Units.Length)
        {
            var unit = Units[nextUnit++];
            if (name.SequenceEqual(unit.Name))
            {
                part = count <= TimeSpan.MaxValue.Ticks / unit.Length.Ticks ? unit.Length * count : TimeSpan.MaxValue;
                return part < TimeSpan.MaxValue;
            }
        }

        return false;
    }
}

/// <summary>What a duration may be, both ends included.</summary>
internal sealed record DurationRange(TimeSpan Minimum, TimeSpan Maximum)
{
    public bool Contains(TimeSpan duration) => duration >= Minimum && duration <= Maximum;

    public override string ToString() => $"from {Durations.Text(Minimum)} to {Durations.Text(Maximum)}";
}
