using System.Globalization;

namespace Pipeline.Runtime;

/// <summary>Points in time as responders in several places read them: in UTC, and saying so.</summary>
public static class UtcText
{
    /// <summary><c>10:30 UTC</c> on the day of <paramref name="seenFrom"/>, otherwise <c>2026-01-06 10:30 UTC</c>.</summary>
    public static string Of(DateTimeOffset at, DateTimeOffset seenFrom) =>
        at.UtcDateTime.Date == seenFrom.UtcDateTime.Date ? at.UtcDateTime.ToString("HH:mm 'UTC'", CultureInfo.InvariantCulture) : Full(at);

    /// <summary><c>2026-01-06 10:30 UTC</c></summary>
    public static string Full(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
