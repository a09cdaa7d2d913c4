using System.Globalization;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// The message that a trigger handed over, whose session is this call's until it ends. What isn't settled then is given back by the trigger,
/// and Service Bus counts it.
/// </summary>
/// <param name="missed">Deliveries of it that Service Bus didn't count.</param>
internal sealed class ServiceBusLease(
    string queue, ServiceBusReceivedMessage raw, ServiceBusMessageActions actions, ServiceBusSender sender, TimeProvider time, int missed = 0)
    : ISessionLease
{
    // Service Bus refuses longer ones.
    private const int MaxReason = 4096;

    private readonly ServiceBusCalls calls = new(queue, time);
    private bool isSettled;

    public ReceivedMessage Message { get; } = MessageProperties.Read(raw, missed);

    /// <summary>How long the session's next messages have to wait. Service Bus can't hold a session back, so the call has to keep it.</summary>
    public TimeSpan HeldFor { get; private set; }

    public string SessionId => raw.SessionId;

    public IReadOnlyList<ReceivedMessage> Messages => [Message];

    public async Task SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken = default)
    {
        foreach (var settlement in settlements)
        {
            if (isSettled || settlement.Sequence != Message.Sequence)
            {
                throw new ArgumentException($"Message {settlement.Sequence} isn't the unsettled message of this call on session '{SessionId}'.", nameof(settlements));
            }

            var decision = SettlementDecision.Decide(settlement, Message, time.GetUtcNow());
            await calls.SettleAsync(() => ApplyAsync(decision, cancellationToken)).ConfigureAwait(false);
            isSettled = true;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task ApplyAsync(SettlementDecision decision, CancellationToken cancellationToken)
    {
        switch (decision.Effect)
        {
            case SettlementEffect.Remove:
                await actions.CompleteMessageAsync(raw, cancellationToken).ConfigureAwait(false);
                break;
            case SettlementEffect.DeadLetter:
                await actions.DeadLetterMessageAsync(raw, FactsOfTheDead(decision), Cut(decision.Reason), cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
            case SettlementEffect.Redeliver when decision.VisibleAt > time.GetUtcNow():
                // The copy first: a fault in between makes two, and a message may come twice.
                await SendLaterAsync(decision, cancellationToken).ConfigureAwait(false);
                await actions.CompleteMessageAsync(raw, cancellationToken).ConfigureAwait(false);
                break;
            case SettlementEffect.HoldSession:
                await actions.AbandonMessageAsync(raw, Uncounted(decision), cancellationToken).ConfigureAwait(false);
                HeldFor = decision.VisibleAt - time.GetUtcNow();
                break;
            default:
                await actions.AbandonMessageAsync(raw, Uncounted(decision), cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private Task SendLaterAsync(SettlementDecision decision, CancellationToken cancellationToken)
    {
        // One copy of each message in the queue, whichever delivery makes it: an earlier one's may have been taken and its answer lost.
        var id = string.Create(CultureInfo.InvariantCulture, $"{raw.SequenceNumber}-again");
        var copy = MessageProperties.Copy(raw, decision.Message.DeliveryCount, id);
        copy.ScheduledEnqueueTime = decision.VisibleAt;
        return calls.RunAsync("sending again", token => sender.SendMessageAsync(copy, token), cancellationToken, copy);
    }

    // The dead-letter queue may number its messages anew. What makes the service's count ours ends here: who sends a clone by hand, as the
    // portal does, copies these properties, and the clone's count begins anew.
    private Dictionary<string, object> FactsOfTheDead(SettlementDecision decision) => new(StringComparer.Ordinal)
    {
        [MessageProperties.DeadAt] = time.GetUtcNow().UtcTicks,
        [MessageProperties.DeadAfter] = decision.Message.DeliveryCount,
        [MessageProperties.Sequence] = Message.Sequence,
        [MessageProperties.Deliveries] = 0,
        [MessageProperties.Uncounted] = 0,
    };

    /// <summary>Service Bus counts every delivery but those that it missed; what makes its count ours is kept beside it.</summary>
    private Dictionary<string, object>? Uncounted(SettlementDecision decision)
    {
        var more = Message.DeliveryCount - decision.Message.DeliveryCount - missed;
        return more == 0 ? null : new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [MessageProperties.Uncounted] = (MessageProperties.Number(raw, MessageProperties.Uncounted) ?? 0) + more,
        };
    }

    private static string Cut(string reason) => reason.Length <= MaxReason ? reason : reason[..MaxReason];
}
