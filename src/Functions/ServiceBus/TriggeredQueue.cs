using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>What stands between a queue's trigger and its handler.</summary>
internal sealed class TriggeredQueue(string name, IMessageHandler handler, ServiceBusSender sender, TimeProvider time, ILogger<TriggeredQueue> logger)
{
    /// <summary>
    /// While the store is away a message comes again at once; so long the function keeps its session, so that it isn't a spin.
    /// </summary>
    public static readonly TimeSpan RestWithoutStore = TimeSpan.FromSeconds(5);

    private readonly LeaseHandling handling = new(name, handler, logger);

    /// <exception cref="StoreUnavailableException">The messages were given back and come again.</exception>
    public async Task HandleAsync(
        IReadOnlyList<ServiceBusReceivedMessage> messages, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        foreach (var session in messages.GroupBy(message => message.SessionId, StringComparer.Ordinal))
        {
            var lease = new ServiceBusLease(name, session.Key, [.. session], actions, sender, time);
            await using (lease.ConfigureAwait(false))
            {
                await HandleAsync(lease, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task HandleAsync(ServiceBusLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await handling.HandleAsync(lease, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            await Task.Delay(RestWithoutStore, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
