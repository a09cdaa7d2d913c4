using System.Text.Json;
using Pipeline.Runtime;

namespace Pipeline.Alerts;

/// <summary>Measures how far the applying of alerts is behind their receiving.</summary>
/// <param name="alerts">Of the queue <c>alerts</c>.</param>
public sealed class IntakeLag(IBacklog alerts, IPostLog posts, TimeProvider time)
{
    /// <summary>Returns how long ago the oldest alert was received that isn't applied yet; zero where all are.</summary>
    public async Task<TimeSpan> MeasureAsync(CancellationToken cancellationToken)
    {
        // What is in the queue was posted before what isn't split yet.
        var oldest = await alerts.OldestAsync(cancellationToken).ConfigureAwait(false) is { } message
            ? ReceivedAt(message)
            : await OldestUnsplitAsync(cancellationToken).ConfigureAwait(false);
        var behind = oldest is { } since ? time.GetUtcNow() - since : TimeSpan.Zero;
        return behind > TimeSpan.Zero ? behind : TimeSpan.Zero;
    }

    private static DateTimeOffset ReceivedAt(ReceivedMessage message)
    {
        try
        {
            return AlertJson.Read(message.Body.Span).ReceivedAt;
        }
        catch (JsonException)
        {
            return message.EnqueuedAt;
        }
    }

    private async Task<DateTimeOffset?> OldestUnsplitAsync(CancellationToken cancellationToken) =>
        posts is IPulledPostLog pulled && await pulled.ReadUnsplitAsync(maxPosts: 1, maxBytes: 1, cancellationToken).ConfigureAwait(false) is [var first, ..]
            ? first.Post.ReceivedAt
            : null;
}
