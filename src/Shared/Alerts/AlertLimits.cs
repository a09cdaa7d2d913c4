namespace Pipeline.Alerts;

/// <summary>
/// What the intake takes at most. Beyond it a post is refused with the limit named, and an alert cut.
/// </summary>
public static class AlertLimits
{
    private const int WorstGrowth = 6;

    public const int MaxBodyBytes = 32 * 1024 * 1024;

    public const int MaxAlerts = 50_000;

    /// <summary>Of a sender's own address, in bytes as sent. A longer one counts as not given.</summary>
    public const int MaxSenderBytes = 1024;

    /// <summary>Levels of objects and arrays, the root being the first.</summary>
    public const int MaxDepth = 64;

    /// <summary>
    /// Of an alert's labels so many are looked through for one that is there twice. Prometheus alerts have about ten.
    /// </summary>
    public const int LabelsCompared = 256;

    /// <summary>Names up to this are told apart without their escapes, in bytes as sent.</summary>
    public const int NameBytesCompared = 1024;

    /// <summary>
    /// What is left of a label's value, in bytes of UTF-8, where the alert's labels alone are larger than a message.
    /// </summary>
    public const int CutLabelBytes = 1024;

    /// <summary>
    /// Names and cut values of an alert's labels together, in bytes as sent, where the alert is larger than a message.
    /// Written again
    /// they are at most six times as large, which a message still holds.
    /// </summary>
    public const int MaxCutLabelsBytes = MaxAlertBytes / WorstGrowth;

    /// <summary>
    /// Of an alert written as a queue message. A Service Bus message of the standard tier has 256 KB with its properties;
    /// 16 KiB are left for those and for the fields the pipeline adds.
    /// </summary>
    public const int MaxAlertBytes = 240 * 1024;

    /// <summary>A start this far after the time of receipt is a difference of clocks that needs no word.</summary>
    public static readonly TimeSpan UnsaidStartAhead = TimeSpan.FromMinutes(1);

    /// <summary>A time before this is a mistake, apart from 0001-01-01T00:00:00Z, which means no time.</summary>
    public static readonly DateTimeOffset EarliestTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Whether an alert sent as these bytes of JSON fits a queue message. Where it is written again, DEL becomes six bytes,
    /// and a character beyond ASCII at most three times its bytes.
    /// </summary>
    /// <param name="quoted">Some of its values are JSON that is written as text, which doubles its quotes and
    /// backslashes.</param>
    internal static bool FitsMessage(ReadOnlySpan<byte> json, bool quoted)
    {
        if (json.Length <= MaxAlertBytes / WorstGrowth)
        {
            return true;
        }

        long written = json.Length;
        foreach (var value in json)
        {
            written += value > 0x7F ? 2 : value == 0x7F ? WorstGrowth - 1 : quoted ? 1 : 0;
        }

        return written <= MaxAlertBytes;
    }
}
