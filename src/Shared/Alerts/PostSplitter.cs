using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Alerts;

/// <summary>
/// Splits posts into one message an alert, in the order they were received. A crash in between repeats messages that were sent already;
/// they carry the same ids, so the queue drops them or the handler applies them once.
/// </summary>
/// <param name="pace">Null never makes way for anybody.</param>
internal sealed partial class PostSplitter(
    IPulledPostLog posts,
    PostMessages postMessages,
    TimeProvider timeProvider,
    ILogger<PostSplitter> logger,
    WorkPace? pace = null)
{
    private const int MaxPostsRead = 256;
    private const int MaxBytesRead = 4 * 1024 * 1024;

    /// <summary>After so many messages a transaction ends, so that a storm's split doesn't hold up the posts that come in meanwhile.</summary>
    private const int MaxMessagesSent = 200;
    private static readonly TimeSpan DelayAfterFault = TimeSpan.FromSeconds(1);

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

            // One that can't be read must not hold up those behind it.
            messages.AddRange(postMessages.Of(unsplit[i]) ?? []);
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

    [LoggerMessage(115, LogLevel.Error, "Splitting posts failed; trying again in {Seconds} s.")]
    private static partial void LogFault(ILogger logger, double seconds, Exception exception);
}
