using System.Globalization;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// The messages of one session that a trigger handed over. What isn't settled when the function ends comes again when the session's lock
/// is given back, and Service Bus counts it.
/// </summary>
internal sealed class ServiceBusLease(
    string queue,
    string sessionId,
    IReadOnlyList<ServiceBusReceivedMessage> messages,
    ServiceBusMessageActions actions,
    ServiceBusSender sender,
    TimeProvider time) : ISessionLease
{
    // Service Bus refuses longer ones.
    private const int MaxReason = 4096;

    // A message and its copy for later can both be here, after a fault between sending the one and completing the other.
    private readonly Dictionary<long, List<ServiceBusReceivedMessage>> unsettled =
        messages.GroupBy(raw => MessageProperties.Read(raw).Sequence).ToDictionary(same => same.Key, same => same.ToList());

    public string SessionId => sessionId;

    public IReadOnlyList<ReceivedMessage> Messages { get; } =
        [.. messages.Select(MessageProperties.Read).DistinctBy(message => message.Sequence).OrderBy(message => message.Sequence)];

    public async Task SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken = default)
    {
        foreach (var settlement in settlements)
        {
            if (!unsettled.TryGetValue(settlement.Sequence, out var same))
            {
                throw new ArgumentException($"Message {settlement.Sequence} isn't among the unsettled messages of session '{sessionId}'.", nameof(settlements));
            }

            await ServiceBusFaults.GuardAsync(queue, "settling", () => SettleAsync(same, settlement, cancellationToken)).ConfigureAwait(false);
            unsettled.Remove(settlement.Sequence);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task SettleAsync(List<ServiceBusReceivedMessage> same, Settlement settlement, CancellationToken cancellationToken)
    {
        foreach (var superfluous in same.Skip(1))
        {
            await actions.CompleteMessageAsync(superfluous, cancellationToken).ConfigureAwait(false);
        }

        var decision = SettlementDecision.Decide(settlement, MessageProperties.Read(same[0]), time.GetUtcNow());
        await ApplyAsync(same[0], decision, cancellationToken).ConfigureAwait(false);
    }

    private async Task ApplyAsync(ServiceBusReceivedMessage raw, SettlementDecision decision, CancellationToken cancellationToken)
    {
        switch (decision.Effect)
        {
            case SettlementEffect.Remove:
                await actions.CompleteMessageAsync(raw, cancellationToken).ConfigureAwait(false);
                break;
            case SettlementEffect.DeadLetter:
                var facts = new Dictionary<string, object>(StringComparer.Ordinal) { [MessageProperties.DeadAt] = time.GetUtcNow().UtcTicks };
                await actions.DeadLetterMessageAsync(raw, facts, Cut(decision.Reason), cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
            case SettlementEffect.Redeliver when decision.VisibleAt > time.GetUtcNow():
                // The copy first: a fault in between makes two, and a message may come twice.
                await sender.SendMessageAsync(Later(raw, decision), cancellationToken).ConfigureAwait(false);
                await actions.CompleteMessageAsync(raw, cancellationToken).ConfigureAwait(false);
                break;
            default:
                await actions.AbandonMessageAsync(raw, Uncounted(raw, decision), cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private static ServiceBusMessage Later(ServiceBusReceivedMessage raw, SettlementDecision decision)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{raw.SequenceNumber}-again-{raw.DeliveryCount}");
        var copy = MessageProperties.Copy(raw, decision.Message.DeliveryCount, id);
        copy.ScheduledEnqueueTime = decision.VisibleAt;
        return copy;
    }

    /// <summary>Service Bus counts every delivery; how many of them don't count is kept beside it.</summary>
    private static Dictionary<string, object>? Uncounted(ServiceBusReceivedMessage raw, SettlementDecision decision) =>
        decision.Message.DeliveryCount == MessageProperties.Read(raw).DeliveryCount
            ? null
            : new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [MessageProperties.Uncounted] = (MessageProperties.Number(raw, MessageProperties.Uncounted) ?? 0) + 1,
            };

    private static string Cut(string reason) => reason.Length <= MaxReason ? reason : reason[..MaxReason];
}
