using Microsoft.Extensions.Logging;

namespace Pipeline.Runtime;

/// <summary>
/// Has a handler handle the messages of a lease and settles them: all together; where that fails, one at a time, so that a message
/// nobody can handle takes no other with it. What comes behind it in the session waits until it was handled or given up, because a
/// resolve that overtakes its firing is lost. The same behind <see cref="QueuePump"/> and behind a trigger.
/// </summary>
internal sealed partial class LeaseHandling(string queue, IMessageHandler handler, ILogger logger)
{
    /// <summary>
    /// How long a message waits after its handler threw, and its session with it: 1 s, doubled by each delivery, at most a minute.
    /// A message that is never handled holds its session for 4 min in all before it is given up.
    /// </summary>
    public static TimeSpan DelayAfterFault(int deliveryCount) =>
        TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Clamp(deliveryCount, 1, 7) - 1)));

    /// <exception cref="StoreUnavailableException">No fault of the messages: those not settled were given back without counting it against them.</exception>
    public async Task HandleAsync(ISessionLease lease, CancellationToken cancellationToken)
    {
        var open = lease.Messages.ToList();
        try
        {
            await HandleAsync(lease, open, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsNoFaultOfTheMessages(exception, cancellationToken))
        {
            // No delay: they keep their place, or a resolve could overtake its firing. The caller rests instead.
            await lease.SettleAsync(
                [.. open.Select(message => new Settlement.Abandon(message.Sequence, exception.Message, IsCounted: false))],
                CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <param name="open">Those not settled yet.</param>
    private async Task HandleAsync(ISessionLease lease, List<ReceivedMessage> open, CancellationToken cancellationToken)
    {
        var fault = await TryHandleAsync(lease, open, cancellationToken).ConfigureAwait(false);
        var isAlone = open.Count == 1;
        while (open.Count > 0)
        {
            List<ReceivedMessage> next = [open[0]];
            fault = isAlone ? fault : await TryHandleAsync(lease, next, cancellationToken).ConfigureAwait(false);
            if (fault is null)
            {
                open.RemoveAt(0);
                continue;
            }

            LogHandlerFault(logger, queue, lease.SessionId, open[0].MessageId, open[0].DeliveryCount, fault);
            if (!await HoldAsync(lease, open, fault).ConfigureAwait(false))
            {
                return;
            }

            open.RemoveAt(0);
        }
    }

    /// <summary>Gives the first message back, and those behind it with it unless this was its last delivery.</summary>
    /// <returns>Whether those behind it may go on.</returns>
    private static async Task<bool> HoldAsync(ISessionLease lease, List<ReceivedMessage> open, Exception fault)
    {
        var failed = open[0];
        var isGivenUp = failed.DeliveryCount >= QueueLimits.MaxDeliveries;
        var hold = new Settlement.Hold(failed.Sequence, $"{fault.GetType().Name}: {fault.Message}", DelayAfterFault(failed.DeliveryCount));
        IEnumerable<Settlement> behind = isGivenUp
            ? []
            : open.Skip(1).Select(message => new Settlement.Abandon(message.Sequence, "It waits for the message before it.", IsCounted: false));
        await lease.SettleAsync([hold, .. behind], CancellationToken.None).ConfigureAwait(false);
        return isGivenUp;
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

    private static bool IsNoFaultOfTheMessages(Exception exception, CancellationToken cancellationToken) =>
        exception is StoreUnavailableException || (exception is OperationCanceledException && cancellationToken.IsCancellationRequested);

    [LoggerMessage(101, LogLevel.Error, "Queue {Queue}: handling message {Message} of session {Session} failed at delivery {Delivery}; it is tried again or given up.")]
    private static partial void LogHandlerFault(ILogger logger, string queue, string session, string message, int delivery, Exception exception);
}
