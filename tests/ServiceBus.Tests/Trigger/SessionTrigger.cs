using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Tests.ServiceBus;

/// <summary>Plays the trigger of the Functions host: it takes a session, receives a message of it, and settles it as the function asks.</summary>
internal sealed class SessionTrigger(LoopbackBroker broker, ServiceBusClient client, string queue = "alerts")
{
    /// <summary>Hands over the next message. False where none can be delivered now.</summary>
    public async Task<bool> RunAsync(Func<ServiceBusReceivedMessage, ServiceBusMessageActions, Task> function)
    {
        if (!await broker.HasMessageAsync(queue))
        {
            return false;
        }

        var receiver = await client.AcceptNextSessionAsync(queue);
        try
        {
            var message = await receiver.ReceiveMessageAsync();
            await function(message, new ReceiverActions(receiver));
        }
        finally
        {
            await receiver.DisposeAsync();
            await broker.WaitForSessionAsync(receiver.SessionId, queue);
        }

        return true;
    }
}

/// <summary>What the Functions host does with a settlement: it passes it to the receiver of the message.</summary>
internal sealed class ReceiverActions(ServiceBusReceiver receiver) : ServiceBusMessageActions
{
    /// <summary>What the next completion fails with: the host's protocol has exceptions of its own.</summary>
    public Exception? Fault { get; set; }

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        if (Fault is { } fault)
        {
            Fault = null;
            throw fault;
        }

        return receiver.CompleteMessageAsync(message, cancellationToken);
    }

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default) =>
        receiver.AbandonMessageAsync(message, propertiesToModify, cancellationToken);

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default) =>
        receiver.DeadLetterMessageAsync(message, propertiesToModify, deadLetterReason, deadLetterErrorDescription, cancellationToken);
}
