using System.Globalization;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// The message that a trigger handed over, whose session is this call's until it ends. What isn't settled then is given back by the trigger,
/// and Service Bus counts it.
/// </summary>
internal sealed class ServiceBusLease(
    string queue, ServiceBusReceivedMessage raw, ServiceBusMessageActions actions, ServiceBusSender sender, TimeProvider time) : ISessionLease
{
    // Service Bus refuses longer ones.
    private const int MaxReason = 4096;

    private bool isSettled;

    public ReceivedMessage Message { get; } = MessageProperties.Read(raw);

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
            await ServiceBusFaults.GuardSettlingAsync(queue, () => ApplyAsync(decision, cancellationToken)).ConfigureAwait(false);
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
                await actions.DeadLetterMessageAsync(raw, FactsOfTheDead(), Cut(decision.Reason), cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
            case SettlementEffect.Redeliver when decision.VisibleAt > time.GetUtcNow():
                // The copy first: a fault in between makes two, and a message may come twice.
                await sender.SendMessageAsync(Later(decision), cancellationToken).ConfigureAwait(false);
                await actions.CompleteMessageAsync(raw, cancellationToken).ConfigureAwait(false);
                break;
            default:
                await actions.AbandonMessageAsync(raw, Uncounted(decision), cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private ServiceBusMessage Later(SettlementDecision decision)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{raw.SequenceNumber}-again-{raw.DeliveryCount}");
        var copy = MessageProperties.Copy(raw, decision.Message.DeliveryCount, id);
        copy.ScheduledEnqueueTime = decision.VisibleAt;
        return copy;
    }

    // The dead-letter queue may number its messages anew.
    private Dictionary<string, object> FactsOfTheDead() => new(StringComparer.Ordinal)
    {
        [MessageProperties.DeadAt] = time.GetUtcNow().UtcTicks,
        [MessageProperties.Sequence] = Message.Sequence,
    };

    /// <summary>Service Bus counts every delivery; how many of them don't count is kept beside it.</summary>
    private Dictionary<string, object>? Uncounted(SettlementDecision decision) => decision.Message.DeliveryCount == Message.DeliveryCount
        ? null
        : new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [MessageProperties.Uncounted] = (MessageProperties.Number(raw, MessageProperties.Uncounted) ?? 0) + 1,
        };

    private static string Cut(string reason) => reason.Length <= MaxReason ? reason : reason[..MaxReason];
}
