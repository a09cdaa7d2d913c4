using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Notifications;

/// <summary>
/// Handles the <c>notifications</c> queue: asks the gate, sends, keeps the log and the receipt, and says what becomes of the message.
/// One notification's trouble never holds up another's.
/// </summary>
internal sealed partial class NotificationDispatcher : IMessageHandler
{
    /// <summary>Notifications of one batch under way at once, so that one slow answer doesn't hold up every page behind it.</summary>
    public const int Concurrency = 4;

    private readonly Dictionary<string, FarEnd> farEnds;
    private readonly DeliveryRecorder recorder;
    private readonly IPageGate gate;
    private readonly TimeProvider timeProvider;
    private readonly ILogger<NotificationDispatcher> logger;

    public NotificationDispatcher(
        ChannelRegistry channels,
        DeliveryLog log,
        IPageGate gate,
        IDeliveryReceipts receipts,
        TimeProvider timeProvider,
        ILogger<NotificationDispatcher> logger)
    {
        this.gate = gate;
        this.timeProvider = timeProvider;
        this.logger = logger;
        recorder = new DeliveryRecorder(log, receipts, timeProvider);
        farEnds = channels.Channels.ToDictionary(channel => channel.Name, channel => new FarEnd(channel, timeProvider, logger), StringComparer.Ordinal);
    }

    public async Task<IReadOnlyList<Settlement>> HandleAsync(
        string sessionId, IReadOnlyList<ReceivedMessage> messages, CancellationToken cancellationToken)
    {
        var settlements = new ConcurrentDictionary<long, Settlement>();
        var batch = new List<QueuedNotification>(messages.Count);
        foreach (var message in messages)
        {
            if (TryRead(message, out var notification, out var problem))
            {
                batch.Add(new QueuedNotification(message, notification));
            }
            else
            {
                LogUnreadable(logger, message.MessageId, problem);
                settlements[message.Sequence] = new Settlement.GiveUp(message.Sequence, $"not a readable notification: {problem}");
            }
        }

        try
        {
            await DeliverAsync(batch, settlements, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was sent is settled as such; the rest goes back to its place.
        }

        return [.. messages.Select(message => settlements.GetValueOrDefault(
            message.Sequence, new Settlement.Abandon(message.Sequence, "the host is stopping", IsCounted: false)))];
    }

    private async Task DeliverAsync(
        IReadOnlyList<QueuedNotification> batch, ConcurrentDictionary<long, Settlement> settlements, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        foreach (var phase in DispatchOrder.Arrange(batch))
        {
            await Parallel.ForEachAsync(phase, options, async (lane, token) =>
            {
                foreach (var queued in lane)
                {
                    settlements[queued.Message.Sequence] = await DeliverAsync(queued, token).ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
        }
    }

    private async Task<Settlement> DeliverAsync(QueuedNotification queued, CancellationToken cancellationToken)
    {
        var (message, notification) = queued;
        try
        {
            var known = await recorder.FindAsync(notification, cancellationToken).ConfigureAwait(false);
            if (known is not null && DeliveryPlan.IsSettled(known))
            {
                LogAlreadySettled(logger, notification.Key, known.Status);
                await recorder.EnsureReceiptAsync(notification, known, cancellationToken).ConfigureAwait(false);
                return new Settlement.Complete(message.Sequence);
            }

            var (result, attempts) = await SendAsync(notification, known, cancellationToken).ConfigureAwait(false);
            var decision = DeliveryPlan.Decide(
                result, notification.Purpose, message.DeliveryCount, timeProvider.GetUtcNow() - notification.CreatedAt);
            var attemptsSoFar = attempts + (known?.Attempts ?? 0);

            // What has happened is recorded also when the host is stopping; else it would happen again.
            var record = await recorder.KeepAsync(notification, decision.Status, result.Reason, attemptsSoFar, CancellationToken.None).ConfigureAwait(false);
            return Settle(message, record, decision);
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreFault(logger, notification.Key, exception);
            return new Settlement.Abandon(message.Sequence, exception.Message, QueuePump.RestAfterFault, IsCounted: false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFault(logger, notification.Key, exception);
            return new Settlement.Abandon(message.Sequence, Describe(exception), LeaseHandling.DelayAfterFault(message.DeliveryCount));
        }
    }

    private async Task<(DeliveryResult Result, int Attempts)> SendAsync(
        Notification notification, DeliveryRecord? known, CancellationToken cancellationToken)
    {
        if (!farEnds.TryGetValue(notification.Channel, out var farEnd))
        {
            var others = string.Join(", ", farEnds.Keys.Order(StringComparer.Ordinal));
            var reason = $"there is no channel '{notification.Channel}' in the configuration (there are: {others}); add it, restart, and retry this dead letter";
            return (new DeliveryResult(DeliveryStatus.Failed, reason), 0);
        }

        try
        {
            var isNoted = notification.Purpose != NotificationPurpose.Page || known?.Attempts > 0;
            return await farEnd.SendAsync(notification, token => AskGateAsync(notification, token), _ => NoteAsync(), cancellationToken).ConfigureAwait(false);

            // Noted first and asked then: whoever resolves the incident while the page is under way finds its person among the paged.
            async Task<PageDecision> NoteAsync()
            {
                if (isNoted)
                {
                    return new PageDecision.Send();
                }

                // Also when the host is stopping: what is on record as under way is sent or withheld.
                await recorder.NoteReachAsync(notification, CancellationToken.None).ConfigureAwait(false);
                isNoted = true;
                return await AskGateAsync(notification, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or StoreUnavailableException))
        {
            // Only the gate can throw here. Its fault is kept and has a receipt like any other failure.
            LogFault(logger, notification.Key, exception);
            return (new DeliveryResult(DeliveryStatus.Retrying, $"whether to send it could not be decided: {Describe(exception)}"), 0);
        }
    }

    private static string Describe(Exception exception) => $"{exception.GetType().Name}: {exception.Message}";

    private Task<PageDecision> AskGateAsync(Notification notification, CancellationToken cancellationToken) =>
        notification.Purpose == NotificationPurpose.Page
            ? gate.DecideAsync(notification, cancellationToken)
            : Task.FromResult<PageDecision>(new PageDecision.Send());

    private Settlement Settle(ReceivedMessage message, DeliveryRecord record, DeliveryDecision decision)
    {
        switch (decision.Action)
        {
            case DeliveryAction.Complete when record.Status == DeliveryStatus.Withheld:
                LogWithheld(logger, record.Key, record.Reason);
                return new Settlement.Complete(message.Sequence);
            case DeliveryAction.Complete:
                LogSent(logger, record.Key, record.Reason, record.Attempts);
                return new Settlement.Complete(message.Sequence);
            case DeliveryAction.RetryLater:
                LogRetryLater(logger, record.Key, message.DeliveryCount, record.Reason, decision.Delay.TotalSeconds);
                return new Settlement.Abandon(message.Sequence, record.Reason, decision.Delay, decision.IsCounted);
            default:
                LogGivenUp(logger, record.Key, decision.Action, record.Attempts, record.Reason);
                return new Settlement.GiveUp(message.Sequence, record.Reason);
        }
    }

    private static bool TryRead(
        ReceivedMessage message,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Notification? notification,
        out string problem)
    {
        try
        {
            notification = PipelineJson.FromUtf8<Notification>(message.Body.Span);
            problem = string.Empty;
            return true;
        }
        catch (JsonException exception)
        {
            notification = null;
            problem = exception.Message;
            return false;
        }
    }

    [LoggerMessage(300, LogLevel.Information, "Notification {Key} sent: {Detail} (attempts: {Attempts}).")]
    private static partial void LogSent(ILogger logger, string key, string detail, int attempts);

    [LoggerMessage(301, LogLevel.Information, "Page {Key} withheld: {Reason}.")]
    private static partial void LogWithheld(ILogger logger, string key, string reason);

    [LoggerMessage(302, LogLevel.Warning, "Notification {Key} failed at delivery {Delivery}: {Reason}. Next try in {Seconds} s.")]
    private static partial void LogRetryLater(ILogger logger, string key, int delivery, string reason, double seconds);

    [LoggerMessage(303, LogLevel.Error, "Notification {Key} given up ({Action}, attempts: {Attempts}): {Reason}. It stands among the dead letters and can be retried.")]
    private static partial void LogGivenUp(ILogger logger, string key, DeliveryAction action, int attempts, string reason);

    [LoggerMessage(304, LogLevel.Error, "Notification {Key}: its handling failed; it is tried again.")]
    private static partial void LogFault(ILogger logger, string key, Exception exception);

    [LoggerMessage(310, LogLevel.Error, "Notification {Key}: the store is unavailable; it is tried again in a moment.")]
    private static partial void LogStoreFault(ILogger logger, string key, Exception exception);

    [LoggerMessage(308, LogLevel.Information, "Notification {Key} came again and is {Status} already; nothing is sent.")]
    private static partial void LogAlreadySettled(ILogger logger, string key, DeliveryStatus status);

    [LoggerMessage(309, LogLevel.Error, "Message {MessageId} is not a readable notification: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string messageId, string problem);
}
