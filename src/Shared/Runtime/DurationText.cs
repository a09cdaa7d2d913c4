using System.Globalization;

namespace Pipeline.Runtime;

/// <summary>Durations as people say them.</summary>
public static class DurationText
{
    /// <summary>
    /// The two greatest units, cut and not rounded, so that what is less than five minutes never reads as five:
    /// <c>1 h 23 min</c>, <c>4 min 59 s</c>, <c>3 d</c>. A negative duration reads as <c>0 s</c>.
    /// </summary>
    public static string Of(TimeSpan duration) => duration switch
    {
        { Days: > 0 } => Units(duration.Days, "d", duration.Hours, "h"),
        { Hours: > 0 } => Units(duration.Hours, "h", duration.Minutes, "min"),
        { Minutes: > 0 } => Units(duration.Minutes, "min", duration.Seconds, "s"),
        _ => Units(Math.Max(0, duration.Seconds), "s", 0, ""),
    };

    private static string Units(int greater, string greaterUnit, int lesser, string lesserUnit) => lesser == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{greater} {greaterUnit}")
        : string.Create(CultureInfo.InvariantCulture, $"{greater} {greaterUnit} {lesser} {lesserUnit}");
}
