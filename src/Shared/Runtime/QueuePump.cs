using Microsoft.Extensions.Logging;

namespace Pipeline.Runtime;

/// <summary>Carries messages from a queue to its handler, for hosts that have no trigger to do it.</summary>
/// <param name="maxMessages">At most so many of one session at a time.</param>
public sealed partial class QueuePump(IMessageQueue queue, IMessageHandler handler, ILogger<QueuePump> logger, int maxMessages = 256)
{
    /// <summary>How long a message waits after its handler threw: 1 s, doubled by each delivery, at most a minute.</summary>
    public static TimeSpan DelayAfterFault(int deliveryCount) =>
        TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Min(deliveryCount, 7) - 1)));

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

    /// <summary>Handles messages until cancelled, <paramref name="concurrency"/> sessions beside each other.</summary>
    public Task RunAsync(int concurrency, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(() => RunOneAsync(cancellationToken), CancellationToken.None)));

    private async Task RunOneAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await HandleNextAsync(cancellationToken).ConfigureAwait(false) == 0)
                {
                    await queue.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreUnavailable(logger, queue.Name, exception);
                await queue.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            IReadOnlyList<Settlement> settlements;
            try
            {
                settlements = await handler.HandleAsync(lease.SessionId, lease.Messages, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogHandlerFault(logger, queue.Name, lease.SessionId, lease.Messages.Count, exception);
                settlements = [.. lease.Messages.Select(message =>
                    new Settlement.Abandon(message.Sequence, $"{exception.GetType().Name}: {exception.Message}", DelayAfterFault(message.DeliveryCount)))];
            }

            await lease.SettleAsync(settlements, cancellationToken).ConfigureAwait(false);
            return lease.Messages.Count;
        }
    }

    [LoggerMessage(101, LogLevel.Error, "Queue {Queue}: handling {Count} messages of session {Session} failed; they are tried again.")]
    private static partial void LogHandlerFault(ILogger logger, string queue, string session, int count, Exception exception);

    [LoggerMessage(102, LogLevel.Error, "Queue {Queue}: the store is unavailable; waiting.")]
    private static partial void LogStoreUnavailable(ILogger logger, string queue, Exception exception);
}
