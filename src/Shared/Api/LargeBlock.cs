using System.Buffers;
using System.Runtime.InteropServices;

namespace Pipeline.Api;

/// <summary>
/// Memory for one large body, outside the garbage collector: arrays of this size live until a full collection, and a pool keeps them.
/// A block beyond 32 MiB is a mapping of its own with every allocator, so the system lends its pages as they are first written to, and has
/// them back when it is disposed.
/// </summary>
internal sealed unsafe class LargeBlock : MemoryManager<byte>
{
    /// <summary>Just beyond the largest threshold at which glibc still takes a block from its heap (<c>M_MMAP_THRESHOLD</c>, mallopt(3)).</summary>
    public const int Capacity = (32 * 1024 * 1024) + (64 * 1024);

    private byte* start = (byte*)NativeMemory.Alloc(Capacity);

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(start is null, this);
        return new Span<byte>(start, Capacity);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, Capacity);
        return new MemoryHandle(start + elementIndex, default, this);
    }

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(start);
        start = null;
    }
}
