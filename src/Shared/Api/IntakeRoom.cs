using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// A share of the memory that bodies of posts may take together. Where there is none left the sender hears 503 and sends again,
/// instead of the program growing until it dies with everything in hand.
/// </summary>
internal sealed class IntakeRoom : IDisposable
{
    /// <summary>Bodies in hand at once, together.</summary>
    public const long MaxBytes = 256 * 1024 * 1024;

    // What a post that doesn't say its length is counted as.
    private const long Unknown = 4 * 1024 * 1024;

    private static long taken;
    private readonly long bytes;

    private IntakeRoom(long bytes) => this.bytes = bytes;

    /// <exception cref="StoreUnavailableException">There is no room now.</exception>
    public static IntakeRoom Take(long? contentLength)
    {
        // A length beyond the limit of a post is refused before it is read, and takes no room.
        var wanted = Math.Min(contentLength ?? Unknown, Alerts.AlertLimits.MaxBodyBytes);
        if (Interlocked.Add(ref taken, wanted) > MaxBytes)
        {
            Interlocked.Add(ref taken, -wanted);
            throw new StoreUnavailableException("The posts in hand take all the memory they may.");
        }

        return new IntakeRoom(wanted);
    }

    public void Dispose() => Interlocked.Add(ref taken, -bytes);
}
