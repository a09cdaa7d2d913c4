namespace Pipeline.Alerts;

/// <summary>What the intake takes at most. Beyond it a post or an alert is refused with the limit named.</summary>
public static class AlertLimits
{
    public const int MaxBodyBytes = 32 * 1024 * 1024;

    public const int MaxAlerts = 50_000;

    /// <summary>Levels of objects and arrays, the root being the first.</summary>
    public const int MaxDepth = 64;

    /// <summary>Labels of one alert. Prometheus alerts have about ten.</summary>
    public const int MaxLabels = 256;

    /// <summary>Of a label's or an annotation's name, in bytes as sent.</summary>
    public const int MaxNameBytes = 1024;

    /// <summary>Of a label's value, in bytes as sent.</summary>
    public const int MaxLabelValueBytes = 64 * 1024;

    /// <summary>
    /// Of an alert written as a queue message. A Service Bus message of the standard tier has 256 KB with its properties;
    /// 16 KiB are left for those and for the fields the pipeline adds.
    /// </summary>
    public const int MaxAlertBytes = 240 * 1024;

    /// <summary>An alert may start so far in the future: room for clocks and time zones that are set wrong.</summary>
    public static readonly TimeSpan MaxStartAhead = TimeSpan.FromDays(1);

    /// <summary>A time before this is a mistake, apart from 0001-01-01T00:00:00Z, which means no time.</summary>
    public static readonly DateTimeOffset EarliestTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Whether an alert sent as these bytes of JSON fits a queue message. Where it is written again, DEL becomes six bytes,
    /// and a character beyond ASCII at most three times its bytes.
    /// </summary>
    internal static bool FitsMessage(ReadOnlySpan<byte> json)
    {
        const int worstGrowth = 6;
        if (json.Length <= MaxAlertBytes / worstGrowth)
        {
            return true;
        }

        long written = json.Length;
        foreach (var value in json)
        {
            written += value > 0x7F ? 2 : value == 0x7F ? worstGrowth - 1 : 0;
        }

        return written <= MaxAlertBytes;
    }
}
