using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// Peeks at a queue of Service Bus. A queue with sessions can be peeked without one, and gives its messages in the order they were sent:
/// https://learn.microsoft.com/azure/service-bus-messaging/message-browsing.
/// </summary>
/// <param name="receiver">Of the queue itself; it receives nothing.</param>
internal sealed class ServiceBusBacklog(string queue, ServiceBusReceiver receiver, TimeProvider time) : IBacklog
{
    private readonly ServiceBusCalls calls = new(queue, time);

    public async Task<ReceivedMessage?> OldestAsync(CancellationToken cancellationToken = default)
    {
        var first = await calls.RunAsync(
            "peeking", token => receiver.PeekMessagesAsync(1, fromSequenceNumber: 0, token), cancellationToken).ConfigureAwait(false);
        return first is [var message, ..] ? MessageProperties.Read(message) : null;
    }
}
