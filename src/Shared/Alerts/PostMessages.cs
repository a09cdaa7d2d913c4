using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Alerts;

/// <summary>What a post becomes: one message an alert, the same ones each time it is asked.</summary>
/// <param name="sessionOf">The session of an alert's message: what is kept in order.</param>
internal sealed partial class PostMessages(
    AlertSources sources, Func<Alert, string> sessionOf, MendingLog mendings, ILogger<PostMessages> logger)
{
    /// <summary>The id of an alert's message.</summary>
    public static string MessageId(long post, int index) => string.Create(CultureInfo.InvariantCulture, $"{post}-{index}");

    /// <summary>Null for a post that can't be read now, which the log has the reason of.</summary>
    public IReadOnlyList<QueueMessage>? Of(StoredPost stored)
    {
        var post = stored.Post;
        try
        {
            if (!sources.TryGet(post.Source, out var source))
            {
                LogUnreadable(logger, stored.Id, post.Source, "no such source is known", null);
                return null;
            }

            // Alertmanager names itself after its alerts.
            var alerts = new List<(int Index, Alert Alert)>();
            var check = source.Read(post.Body.Span, post.ReceivedAt, (index, alert) => alerts.Add((index, alert)));
            if (check.Fault is null)
            {
                return [.. alerts.Select(read => MessageOf(stored.Id, read.Index, check.Sender is null ? read.Alert : read.Alert with { Sender = check.Sender }))];
            }

            LogUnreadable(logger, stored.Id, post.Source, check.Fault.Detail, null);
        }
#pragma warning disable CA1031 // Whatever is wrong with this post is no reason to leave the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogUnreadable(logger, stored.Id, post.Source, exception.Message, exception);
        }

        return null;
    }

    private QueueMessage MessageOf(long post, int index, Alert alert)
    {
        mendings.Add(post, alert);
        return new QueueMessage(sessionOf(alert), MessageId(post, index), AlertJson.Write(alert));
    }

    [LoggerMessage(114, LogLevel.Error, "Post {Post} of {Source} was accepted but can't be split now: {Detail}. Its body stays in the archive.")]
    private static partial void LogUnreadable(ILogger logger, long post, string source, string detail, Exception? exception);
}
