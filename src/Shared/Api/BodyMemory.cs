using System.Buffers;

namespace Pipeline.Api;

/// <summary>
/// The memory of one body: an array of the shared pool while it is small, a <see cref="LargeBlock"/> beyond. It takes room as it grows, and
/// gives all of it back when it is disposed.
/// </summary>
internal sealed class BodyMemory(IntakeRoom room) : IDisposable
{
    /// <summary>Beyond this a body has a block of its own. A pool of larger arrays would keep what a storm once needed.</summary>
    public const int MaxPooled = 512 * 1024;

    /// <summary>Of a block, the bytes taken and charged at once: at most so much memory stays unused at its end.</summary>
    public const int BlockStep = 1024 * 1024;

    /// <summary>An array holds at most so many times what came: a sender of one byte must not hold 64 KiB.</summary>
    private const int Growth = 4;

    private byte[]? array;
    private LargeBlock? block;
    private int charged;

    public int Count { get; private set; }

    /// <summary>Until disposed.</summary>
    public ReadOnlyMemory<byte> Bytes => block is not null ? block.Memory[..Count] : array.AsMemory(0, Count);

    /// <summary>Returns false where there is no room for it; nothing is appended then.</summary>
    /// <param name="part">With what is there already, at most <see cref="LargeBlock.Capacity"/> bytes.</param>
    /// <param name="announced">The whole body's length, where the sender said it.</param>
    public bool TryAppend(in ReadOnlySequence<byte> part, long? announced)
    {
        var needed = Count + (int)part.Length;
        if (needed > Capacity && !TryGrow(needed, announced))
        {
            return false;
        }

        part.CopyTo(block is not null ? block.Memory.Span[Count..] : array.AsSpan(Count));
        Count = needed;
        return true;
    }

    public void Dispose()
    {
        ReturnMemory();
        room.GiveBack(charged);
        charged = 0;
        Count = 0;
    }

    // Of a block only the charged part counts, so that its pages are charged as they are written to.
    private int Capacity => block is not null ? charged : array?.Length ?? 0;

    private bool TryGrow(int needed, long? announced)
    {
        if (needed > MaxPooled)
        {
            return TryGrowBlock(needed);
        }

        var most = needed <= IntakeRoom.SmallBytes ? IntakeRoom.SmallBytes : MaxPooled;
        var wanted = (int)Math.Min((long)needed * Growth, Math.Min(announced ?? most, most));
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, wanted));
        if (!room.TryGrow(charged, larger.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }

        Bytes.CopyTo(larger);
        ReturnMemory();
        (array, charged) = (larger, larger.Length);
        return true;
    }

    private bool TryGrowBlock(int needed)
    {
        var wanted = Math.Min((needed + BlockStep - 1) / BlockStep * BlockStep, LargeBlock.Capacity);
        if (!room.TryGrow(charged, wanted))
        {
            return false;
        }

        charged = wanted;
        if (block is null)
        {
            var larger = new LargeBlock();
            Bytes.CopyTo(larger.Memory);
            ReturnMemory();
            block = larger;
        }

        return true;
    }

    private void ReturnMemory()
    {
        if (array is not null)
        {
            ArrayPool<byte>.Shared.Return(array);
            array = null;
        }

        ((IDisposable?)block)?.Dispose();
        block = null;
    }
}
