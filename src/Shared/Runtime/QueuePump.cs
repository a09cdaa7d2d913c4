using Microsoft.Extensions.Logging;

namespace Pipeline.Runtime;

/// <summary>Carries messages from a queue to its handler, for hosts that have no trigger to do it.</summary>
/// <param name="maxMessages">At most so many of one session at a time.</param>
/// <param name="timeProvider">Null is the system's clock.</param>
/// <param name="pace">Null never makes way for anybody.</param>
internal sealed partial class QueuePump(
    IPulledMessageQueue queue,
    IMessageHandler handler,
    ILogger<QueuePump> logger,
    int maxMessages = 256,
    TimeProvider? timeProvider = null,
    WorkPace? pace = null)
{
    /// <summary>How long a loop rests after the store failed, so that it doesn't spin until the store is back.</summary>
    public static readonly TimeSpan RestAfterFault = TimeSpan.FromSeconds(1);

    private readonly TimeProvider clock = timeProvider ?? TimeProvider.System;
    private readonly LeaseHandling handling = new(queue.Name, handler, logger);

    /// <summary>Handles what can be handled now. Returns the number of messages handled.</summary>
    public async Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        var handled = 0;
        while (await HandleNextAsync(cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            handled += count;
        }

        return handled;
    }

    /// <summary>
    /// Handles messages until cancelled, <paramref name="concurrency"/> sessions beside each other.
    /// Completes when what is in hand then is finished or given back.
    /// </summary>
    public Task RunAsync(int concurrency, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(() => RunOneAsync(cancellationToken), CancellationToken.None)));

    private async Task RunOneAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var handled = pace is null
                    ? await HandleNextAsync(cancellationToken).ConfigureAwait(false)
                    : await pace.RunAsync(() => HandleNextAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
                if (handled == 0)
                {
                    await queue.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFault(logger, queue.Name, exception);
                await Task.Delay(RestAfterFault, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> HandleNextAsync(CancellationToken cancellationToken)
    {
        var lease = await queue.TryReceiveAsync(maxMessages, cancellationToken).ConfigureAwait(false);
        if (lease is null)
        {
            return 0;
        }

        await using (lease.ConfigureAwait(false))
        {
            await handling.HandleAsync(lease, cancellationToken).ConfigureAwait(false);
            return lease.Messages.Count;
        }
    }

    [LoggerMessage(102, LogLevel.Error, "Queue {Queue}: receiving or settling failed; trying again in a moment.")]
    private static partial void LogFault(ILogger logger, string queue, Exception exception);
}
