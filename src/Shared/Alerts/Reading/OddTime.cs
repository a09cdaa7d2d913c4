using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pipeline.Alerts.Reading;

/// <summary>
/// Times that aren't RFC 3339 but say one moment without doubt: a count since 1970, or a date that begins with its
/// year.
/// </summary>
internal static class OddTime
{
    private const int MaxLength = 64;

    /// <param name="text">The value as sent, without its quotes.</param>
    /// <param name="time">In UTC, from <see cref="AlertLimits.EarliestTime"/> on.</param>
    public static bool TryRead(JsonTokenType type, ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        var isRead = type is JsonTokenType.Number or JsonTokenType.String && text.Length <= MaxLength
            && (TryReadCount(text, out time) || (type == JsonTokenType.String && TryReadDate(text, out time)));
        return isRead && time >= AlertLimits.EarliestTime;
    }

    /// <summary>
    /// Seconds, milliseconds, microseconds or nanoseconds since 1970: their ranges don't meet between the years 2000
    /// and 5000.
    /// </summary>
    private static bool TryReadCount(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (!Utf8Parser.TryParse(text, out decimal count, out var read) || read != text.Length || count <= 0)
        {
            return false;
        }

        const decimal secondsOfYear5000 = 95_617_584_000m;
        for (var thousands = 0; count > secondsOfYear5000; thousands++, count /= 1000)
        {
            if (thousands == 3)
            {
                return false;
            }
        }

        time = DateTimeOffset.UnixEpoch.AddTicks((long)(count * TimeSpan.TicksPerSecond));
        return true;
    }

    /// <summary>
    /// <c>2026-01-05 09:00:00</c>, with a fraction, an offset without a colon, or none, which is UTC.
    /// </summary>
    private static bool TryReadDate(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        var trimmed = Encoding.UTF8.GetString(text).Trim();
        if (trimmed.EndsWith(" UTC", StringComparison.OrdinalIgnoreCase))
        {
            trimmed = trimmed[..^" UTC".Length];
        }

        const int dateLength = 10;
        return trimmed.Length >= dateLength && trimmed[4] == '-' && trimmed[7] == '-'
            && trimmed.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0
            && DateTimeOffset.TryParse(
                trimmed,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out time);
    }
}
