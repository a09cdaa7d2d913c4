using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// The posts in hand, from their headers to their answers, and the memory that their bodies may take together. Where there is none left
/// the sender hears 503 and sends again, instead of the program growing until it dies with everything in hand.
/// </summary>
internal sealed class IntakeRoom
{
    /// <summary>Bodies in hand at once, together.</summary>
    public const long MaxBytes = 256 * 1024 * 1024;

    // What a post that doesn't say its length is counted as.
    private const long Unknown = 4 * 1024 * 1024;

    private long bytes;
    private int posts;

    /// <summary>Senders that wait for their answer now.</summary>
    public int Posts => Volatile.Read(ref posts);

    /// <summary>Takes a place for a post until it is disposed.</summary>
    /// <exception cref="StoreUnavailableException">There is no room now.</exception>
    public Place Take(long? contentLength)
    {
        // A length beyond the limit of a post is refused before it is read, and takes no room.
        var wanted = Math.Min(contentLength ?? Unknown, Alerts.AlertLimits.MaxBodyBytes);
        if (Interlocked.Add(ref bytes, wanted) > MaxBytes)
        {
            Interlocked.Add(ref bytes, -wanted);
            throw new StoreUnavailableException("The posts in hand take all the memory they may.");
        }

        Interlocked.Increment(ref posts);
        return new Place(this, wanted);
    }

    private void Leave(long wanted)
    {
        Interlocked.Add(ref bytes, -wanted);
        Interlocked.Decrement(ref posts);
    }

    public readonly struct Place(IntakeRoom room, long wanted) : IDisposable
    {
        public void Dispose() => room.Leave(wanted);
    }
}
