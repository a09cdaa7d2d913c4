using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Alerts;

/// <summary>
/// Splits posts into one message an alert, in the order they were received. A crash in between repeats messages that were sent already;
/// they carry the same ids, so the queue drops them or the handler applies them once.
/// </summary>
/// <param name="sessionOf">The session of an alert's message: what is kept in order.</param>
/// <param name="pace">Null never makes way for anybody.</param>
internal sealed partial class PostSplitter(
    IPostLog posts,
    AlertSources sources,
    Func<Alert, string> sessionOf,
    TimeProvider timeProvider,
    ILogger<PostSplitter> logger,
    WorkPace? pace = null)
{
    private const int MaxPostsRead = 256;
    private const int MaxBytesRead = 4 * 1024 * 1024;

    /// <summary>After so many messages a transaction ends, so that a storm's split doesn't hold up the posts that come in meanwhile.</summary>
    private const int MaxMessagesSent = 200;
    private static readonly TimeSpan DelayAfterFault = TimeSpan.FromSeconds(1);

    /// <summary>The id of an alert's message: the same each time the post is split.</summary>
    public static string MessageId(long post, int index) => string.Create(CultureInfo.InvariantCulture, $"{post}-{index}");

    /// <summary>Splits what is there. Returns the number of alerts sent.</summary>
    public async Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        var sent = 0;
        while (await posts.ReadUnsplitAsync(MaxPostsRead, MaxBytesRead, cancellationToken).ConfigureAwait(false) is { Count: > 0 } unsplit)
        {
            sent += await SplitAsync(unsplit, cancellationToken).ConfigureAwait(false);
        }

        return sent;
    }

    /// <summary>Splits posts as they come, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await DrainAsync(cancellationToken).ConfigureAwait(false);
                await posts.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Accepted alerts wait in the log; giving up would leave them there.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFault(logger, DelayAfterFault.TotalSeconds, exception);
                await Task.Delay(DelayAfterFault, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> SplitAsync(IReadOnlyList<StoredPost> unsplit, CancellationToken cancellationToken)
    {
        var sent = 0;
        var posted = new List<long>();
        var messages = new List<QueueMessage>();
        for (var i = 0; i < unsplit.Count; i++)
        {
            posted.Add(unsplit[i].Id);
            messages.AddRange(MessagesOf(unsplit[i]));
            if (messages.Count >= MaxMessagesSent || i == unsplit.Count - 1)
            {
                await CompleteAsync(posted, messages, cancellationToken).ConfigureAwait(false);
                sent += messages.Count;
                posted = [];
                messages = [];
            }
        }

        return sent;
    }

    private Task CompleteAsync(List<long> posted, List<QueueMessage> messages, CancellationToken cancellationToken)
    {
        return pace is null ? Complete() : pace.RunAsync(Complete, cancellationToken);

        async Task<bool> Complete()
        {
            await posts.CompleteSplitAsync(posted, messages, cancellationToken).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>None for a post that can't be read: it must not hold up those behind it, and stays in the archive.</summary>
    private List<QueueMessage> MessagesOf(StoredPost stored)
    {
        var post = stored.Post;
        try
        {
            if (!sources.TryGet(post.Source, out var source))
            {
                LogUnreadable(logger, stored.Id, post.Source, "no such source is known", null);
                return [];
            }

            var messages = new List<QueueMessage>();
            var check = source.Read(post.Body.Span, post.ReceivedAt, (index, alert) => messages.Add(MessageOf(stored.Id, index, alert)));
            if (check.Fault is null)
            {
                return messages;
            }

            LogUnreadable(logger, stored.Id, post.Source, check.Fault.Detail, null);
        }
#pragma warning disable CA1031 // Whatever is wrong with this post is no reason to leave the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogUnreadable(logger, stored.Id, post.Source, exception.Message, exception);
        }

        return [];
    }

    private QueueMessage MessageOf(long post, int index, Alert alert) => new(sessionOf(alert), MessageId(post, index), AlertJson.Write(alert));

    [LoggerMessage(114, LogLevel.Error, "Post {Post} of {Source} was accepted but can't be split now: {Detail}. It is passed over; its body stays in the archive.")]
    private static partial void LogUnreadable(ILogger logger, long post, string source, string detail, Exception? exception);

    [LoggerMessage(115, LogLevel.Error, "Splitting posts failed; trying again in {Seconds} s.")]
    private static partial void LogFault(ILogger logger, double seconds, Exception exception);
}
