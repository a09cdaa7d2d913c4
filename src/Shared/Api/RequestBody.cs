using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Pipeline.Api;

internal enum BodyOutcome
{
    /// <summary>All of it is here.</summary>
    Whole,

    /// <summary>It has more bytes than a body may have.</summary>
    TooLarge,

    /// <summary>The posts in hand take all the memory they may.</summary>
    NoRoom,

    /// <summary>It had not come to its end when its time was over.</summary>
    TooSlow,
}

/// <param name="MaxBytes">Of one body; at most <see cref="LargeBlock.Capacity"/>.</param>
/// <param name="Timeout">From the first wait for its bytes to the last of them.</param>
internal sealed record BodyLimits(int MaxBytes, TimeSpan Timeout);

/// <summary>Reads a request's body whole, in memory that the <see cref="IntakeRoom"/> knows of.</summary>
internal sealed class RequestBody : IDisposable
{
    private readonly BodyMemory memory;

    private RequestBody(IntakeRoom room) => memory = new BodyMemory(room);

    public BodyOutcome Outcome { get; private set; }

    /// <summary>Until disposed.</summary>
    public ReadOnlyMemory<byte> Bytes => memory.Bytes;

    /// <summary>Returns what became of it. Where that isn't <see cref="BodyOutcome.Whole"/> its memory is given back already.</summary>
    /// <exception cref="BadHttpRequestException">It ended early, or isn't framed as HTTP asks.</exception>
    /// <exception cref="IOException">The sender went away, or a chunk claims a size that no number holds.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, IntakeRoom room, BodyLimits limits, TimeProvider time)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
        {
            // The server's own limit is lower by default. Above ours it reads on for a while after a refusal, so that a sender who is still sending hears it.
            server.MaxRequestBodySize = 2L * limits.MaxBytes;
        }

        var body = new RequestBody(room);
        try
        {
            body.Outcome = context.Request.ContentLength is { } length && Refuse(length, room, limits) is { } refused
                ? refused
                : await body.FillAsync(context.Request, limits, time).ConfigureAwait(false);
        }
        catch
        {
            body.Dispose();
            throw;
        }

        if (body.Outcome != BodyOutcome.Whole)
        {
            body.Dispose();
        }

        return body;
    }

    public void Dispose() => memory.Dispose();

    /// <summary>What can be said of a body by its announced length, before it is sent; null where it is to be read.</summary>
    private static BodyOutcome? Refuse(long length, IntakeRoom room, BodyLimits limits) =>
        length > limits.MaxBytes ? BodyOutcome.TooLarge
        : !room.WouldTake(length) ? BodyOutcome.NoRoom
        : null;

    private async ValueTask<BodyOutcome> FillAsync(HttpRequest request, BodyLimits limits, TimeProvider time)
    {
        var reader = request.BodyReader;
        BodyDeadline? deadline = null;
        try
        {
            while (true)
            {
                // A small body is here with its headers, and needs no clock.
                if (!reader.TryRead(out var result))
                {
                    deadline ??= new BodyDeadline(reader, limits.Timeout, time);
                    result = await reader.ReadAsync().ConfigureAwait(false);
                }

                var outcome = result.IsCanceled ? BodyOutcome.TooSlow : Append(result.Buffer, request.ContentLength, limits.MaxBytes);
                reader.AdvanceTo(result.Buffer.End);
                if (outcome != BodyOutcome.Whole || result.IsCompleted)
                {
                    return deadline is null || deadline.TryMeet() ? outcome : BodyOutcome.TooSlow;
                }
            }
        }
        finally
        {
            deadline?.Dispose();
        }
    }

    private BodyOutcome Append(in ReadOnlySequence<byte> part, long? announced, int maxBytes) =>
        part.Length > maxBytes - memory.Count ? BodyOutcome.TooLarge
        : memory.TryAppend(part, announced) ? BodyOutcome.Whole
        : BodyOutcome.NoRoom;
}
