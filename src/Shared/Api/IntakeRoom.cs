namespace Pipeline.Api;

/// <summary>
/// The memory that bodies of posts take together, from their first bytes to their answers. It is charged as the bytes arrive, because a
/// sender's promise costs nothing and a sender may promise nothing. Where there is none left the sender hears 503 and sends again, instead
/// of the program growing until it dies with everything in hand.
/// </summary>
/// <param name="maxBytes">Of all posts together: <c>intake.max_bytes_in_hand</c>.</param>
internal sealed class IntakeRoom(long maxBytes)
{
    /// <summary>A body up to this is small. An alert is about 1 KB, and Prometheus sends 64 at most together.</summary>
    public const int SmallBytes = 64 * 1024;

    // A quarter is left to small posts, so that a few large ones never shut out the many.
    private readonly long maxLargeBytes = maxBytes / 4 * 3;
    private long bytes;
    private long largeBytes;
    private int posts;

    public long MaxBytes => maxBytes;

    public long BytesInHand => Volatile.Read(ref bytes);

    /// <summary>Senders whose post is here whole, and who wait for their answer now.</summary>
    public int Posts => Volatile.Read(ref posts);

    /// <summary>Whether a small post would be taken now.</summary>
    public bool HasRoom => BytesInHand + SmallBytes <= maxBytes;

    /// <summary>Whether a body of this length would find room if all of it came now.</summary>
    public bool WouldTake(long length) =>
        BytesInHand + length <= maxBytes && (length <= SmallBytes || Volatile.Read(ref largeBytes) + length <= maxLargeBytes);

    /// <summary>Charges what one post holds anew. Returns false, and charges nothing, where there is no room for it.</summary>
    /// <param name="held">The bytes it is charged for now.</param>
    /// <param name="wanted">The bytes it is to be charged for; more than <paramref name="held"/>.</param>
    public bool TryGrow(int held, int wanted)
    {
        var more = wanted - held;
        if (Interlocked.Add(ref bytes, more) > maxBytes)
        {
            Interlocked.Add(ref bytes, -more);
            return false;
        }

        var moreLarge = Large(wanted) - Large(held);
        if (moreLarge > 0 && Interlocked.Add(ref largeBytes, moreLarge) > maxLargeBytes)
        {
            Interlocked.Add(ref largeBytes, -moreLarge);
            Interlocked.Add(ref bytes, -more);
            return false;
        }

        return true;
    }

    /// <summary>Gives back all that one post holds.</summary>
    public void GiveBack(int held)
    {
        Interlocked.Add(ref bytes, -held);
        if (Large(held) > 0)
        {
            Interlocked.Add(ref largeBytes, -held);
        }
    }

    /// <summary>Counts a post that is here whole until it is disposed.</summary>
    public Place Enter()
    {
        Interlocked.Increment(ref posts);
        return new Place(this);
    }

    private static int Large(int held) => held > SmallBytes ? held : 0;

    public readonly struct Place(IntakeRoom room) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref room.posts);
    }
}
