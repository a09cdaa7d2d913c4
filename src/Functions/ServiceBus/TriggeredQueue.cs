using System.Globalization;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>What stands between a queue's trigger and its handler.</summary>
internal sealed class TriggeredQueue(
    string name, IMessageHandler handler, ServiceBusSender sender, IEntityTable table, TimeProvider time, ILogger<TriggeredQueue> logger)
{
    /// <summary>
    /// While the store is away a message comes again at once; so long the function keeps its session, so that it isn't a spin. The queue itself
    /// gives up after 2,000 deliveries, which is then more than eight hours.
    /// </summary>
    public static readonly TimeSpan RestWithoutStore = TimeSpan.FromSeconds(15);

    /// <summary>The longest that a call keeps its session after a fault of its message: it is one of the few that an instance handles at once.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(15);

    private readonly LeaseHandling handling = new(name, handler, logger);
    private readonly DeliveryAttempts attempts = new(name, table);

    /// <exception cref="StoreUnavailableException">The message was given back and comes again.</exception>
    public async Task HandleAsync(ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var delivery = new DeliveryAttempts.Delivery(message);
        try
        {
            var lease = await BeginAsync(delivery, message, actions, cancellationToken).ConfigureAwait(false);
            await HandleAsync(lease, cancellationToken).ConfigureAwait(false);
            await KeepSessionAsync(lease.HeldFor, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            await Task.Delay(RestWithoutStore, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        finally
        {
            await attempts.EndAsync(delivery).ConfigureAwait(false);
        }
    }

    private async Task<ServiceBusLease> BeginAsync(
        DeliveryAttempts.Delivery delivery, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        try
        {
            var missed = await attempts.BeginAsync(delivery, cancellationToken).ConfigureAwait(false);
            return new ServiceBusLease(name, message, actions, sender, time, missed);
        }
        catch (StoreUnavailableException exception)
        {
            // Nobody has seen it yet.
            var lease = new ServiceBusLease(name, message, actions, sender, time);
            await lease.SettleAsync([new Settlement.Abandon(lease.Message.Sequence, exception.Message, IsCounted: false)], CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task KeepSessionAsync(TimeSpan heldFor, CancellationToken cancellationToken)
    {
        if (heldFor > TimeSpan.Zero)
        {
            var hold = heldFor < LongestHold ? heldFor : LongestHold;
            await Task.Delay(hold, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A message that ends the process never comes to a settlement; by its count it is known.
    private Task HandleAsync(ServiceBusLease lease, CancellationToken cancellationToken)
    {
        var message = lease.Message;
        return message.DeliveryCount <= QueueLimits.MaxDeliveries
            ? handling.HandleAsync(lease, cancellationToken)
            : lease.SettleAsync(
                [
                    new Settlement.GiveUp(message.Sequence, string.Create(
                        CultureInfo.InvariantCulture,
                        $"It was delivered {message.DeliveryCount - 1} times and never settled: each time the process ended, or took too long.")),
                ],
                cancellationToken);
    }
}
