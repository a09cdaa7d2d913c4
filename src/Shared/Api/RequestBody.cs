using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Pipeline.Api;

/// <summary>A request's body in pooled memory, read by as few copies as there are.</summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>A body of announced length up to this gets its memory at once; for a longer one it is taken as the bytes arrive.</summary>
    private const int MaxTrustedLength = 64 * 1024;

    private readonly int limit;
    private byte[] buffer;
    private int count;

    private RequestBody(int expected, int limit)
    {
        this.limit = limit;
        buffer = ArrayPool<byte>.Shared.Rent(expected);
    }

    /// <summary>Until disposed.</summary>
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, count);

    /// <summary>Reads it whole. Null where it has more than <paramref name="limit"/> bytes.</summary>
    /// <exception cref="BadHttpRequestException">It ended early, came too slowly or isn't framed as HTTP asks.</exception>
    public static async ValueTask<RequestBody?> ReadAsync(HttpContext context, int limit)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
        {
            // The server's own limit is lower by default. Above ours it reads on for a while after a refusal, so that a sender who is still sending hears it.
            server.MaxRequestBodySize = 2L * limit;
        }

        var length = context.Request.ContentLength;
        if (length > limit)
        {
            return null;
        }

        var body = new RequestBody((int)Math.Min(length ?? MaxTrustedLength, MaxTrustedLength), limit);
        try
        {
            if (await body.FillAsync(context.Request.BodyReader).ConfigureAwait(false))
            {
                return body;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }

        body.Dispose();
        return null;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        count = 0;
    }

    private async ValueTask<bool> FillAsync(PipeReader reader)
    {
        while (true)
        {
            var result = await reader.ReadAsync().ConfigureAwait(false);
            var fits = result.Buffer.Length <= limit - count;
            if (fits)
            {
                Append(result.Buffer);
            }

            reader.AdvanceTo(result.Buffer.End);
            if (!fits || result.IsCompleted)
            {
                return fits;
            }
        }
    }

    private void Append(in ReadOnlySequence<byte> part)
    {
        var needed = count + (int)part.Length;
        if (needed > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, buffer.Length * 2));
            Bytes.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        part.CopyTo(buffer.AsSpan(count));
        count = needed;
    }
}
