using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// Writes a list as it is read, one item at a time, so that its memory doesn't grow with it. A page ends at the caller's limit or at
/// <see cref="MaxBytes"/>, whichever comes first; <c>nextCursor</c> is there where more items follow.
/// </summary>
internal static class ListAnswer
{
    /// <summary>Beyond this a page takes no further item. Ours: a second on a slow line.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int FlushAt = 32 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = PipelineJson.Options.Encoder };

    /// <param name="items">Each with the cursor of the page that begins behind it.</param>
    /// <param name="behind">The cursor of what follows behind the last of <paramref name="items"/>; null where they are all there are.</param>
    public static async Task WriteAsync<T>(HttpContext context, IAsyncEnumerable<(T Item, string Cursor)> items, int limit, string? behind = null)
    {
        var cancellationToken = context.RequestAborted;
        var source = items.GetAsyncEnumerator(cancellationToken);
        await using (source.ConfigureAwait(false))
        {
            // Before the answer begins, so that a store that is away can still be answered 503.
            var hasMore = await source.MoveNextAsync().ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentType = Answer.Json;
            var body = context.Response.BodyWriter;
            var json = new Utf8JsonWriter(body, Options);
            await using (json.ConfigureAwait(false))
            {
                json.WriteStartObject();
                json.WriteStartArray("items"u8);
                var cursor = behind;
                for (var count = 0; hasMore && count < limit && json.BytesCommitted + json.BytesPending < MaxBytes; count++)
                {
                    (var item, cursor) = source.Current;
                    JsonSerializer.Serialize(json, item, PipelineJson.Options);
                    if (body.UnflushedBytes + json.BytesPending > FlushAt)
                    {
                        await json.FlushAsync(cancellationToken).ConfigureAwait(false);
                        await body.FlushAsync(cancellationToken).ConfigureAwait(false);
                    }

                    hasMore = await source.MoveNextAsync().ConfigureAwait(false);
                }

                json.WriteEndArray();
                if ((hasMore ? cursor : behind) is { } next)
                {
                    json.WriteString("nextCursor"u8, next);
                }

                json.WriteEndObject();
            }

            await body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
