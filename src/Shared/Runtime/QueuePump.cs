using Microsoft.Extensions.Logging;

namespace Pipeline.Runtime;

/// <summary>Carries messages from a queue to its handler, for hosts that have no trigger to do it.</summary>
/// <param name="maxMessages">At most so many of one session at a time.</param>
/// <param name="timeProvider">Null is the system's clock.</param>
/// <param name="pace">Null never makes way for anybody.</param>
internal sealed partial class QueuePump(
    IMessageQueue queue,
    IMessageHandler handler,
    ILogger<QueuePump> logger,
    int maxMessages = 256,
    TimeProvider? timeProvider = null,
    WorkPace? pace = null)
{
    /// <summary>How long a loop rests after the store failed, so that it doesn't spin until the store is back.</summary>
    public static readonly TimeSpan RestAfterFault = TimeSpan.FromSeconds(1);

    private readonly TimeProvider clock = timeProvider ?? TimeProvider.System;

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
            var open = lease.Messages.ToList();
            try
            {
                await HandleAsync(lease, open, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsNoFaultOfTheMessages(exception, cancellationToken))
            {
                // No delay: they keep their place, or a resolve could overtake its firing. The loop rests instead.
                await SettleAsync(lease, open, message => new(message.Sequence, exception.Message, IsCounted: false)).ConfigureAwait(false);
                throw;
            }

            return lease.Messages.Count;
        }
    }

    /// <summary>All together; where that fails, one at a time, so that a message nobody can handle takes no other with it.</summary>
    /// <param name="open">Those not settled yet.</param>
    private async Task HandleAsync(ISessionLease lease, List<ReceivedMessage> open, CancellationToken cancellationToken)
    {
        var fault = await TryHandleAsync(lease, open, cancellationToken).ConfigureAwait(false);
        var isAlone = open.Count == 1;
        while (open.Count > 0)
        {
            List<ReceivedMessage> next = [open[0]];
            fault = isAlone ? fault : await TryHandleAsync(lease, next, cancellationToken).ConfigureAwait(false);
            if (fault is not null)
            {
                LogHandlerFault(logger, queue.Name, lease.SessionId, open[0].MessageId, open[0].DeliveryCount, fault);
                await SettleAsync(lease, next, message =>
                    new(message.Sequence, $"{fault.GetType().Name}: {fault.Message}", DelayAfterFault(message.DeliveryCount))).ConfigureAwait(false);
            }

            open.RemoveAt(0);
        }
    }

    /// <summary>Hands messages over and settles them; what was settled is removed from <paramref name="messages"/>.</summary>
    /// <returns>Why they could not be handled, or null.</returns>
    private async Task<Exception?> TryHandleAsync(ISessionLease lease, List<ReceivedMessage> messages, CancellationToken cancellationToken)
    {
        try
        {
            var settlements = await handler.HandleAsync(lease.SessionId, [.. messages], cancellationToken).ConfigureAwait(false);

            // What was handled is settled, also when the host is stopping.
            await lease.SettleAsync(settlements, CancellationToken.None).ConfigureAwait(false);
            messages.Clear();
            return null;
        }
        catch (Exception exception) when (!IsNoFaultOfTheMessages(exception, cancellationToken))
        {
            return exception;
        }
    }

    private static Task SettleAsync(
        ISessionLease lease, IReadOnlyList<ReceivedMessage> messages, Func<ReceivedMessage, Settlement.Abandon> settle) =>
        lease.SettleAsync([.. messages.Select(settle)], CancellationToken.None);

    private static bool IsNoFaultOfTheMessages(Exception exception, CancellationToken cancellationToken) =>
        exception is StoreUnavailableException || (exception is OperationCanceledException && cancellationToken.IsCancellationRequested);

    [LoggerMessage(101, LogLevel.Error, "Queue {Queue}: handling message {Message} of session {Session} failed at delivery {Delivery}; it is tried again or given up.")]
    private static partial void LogHandlerFault(ILogger logger, string queue, string session, string message, int delivery, Exception exception);

    [LoggerMessage(102, LogLevel.Error, "Queue {Queue}: receiving or settling failed; trying again in a moment.")]
    private static partial void LogFault(ILogger logger, string queue, Exception exception);
}
