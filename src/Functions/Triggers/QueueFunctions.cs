using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Pipeline.Functions.Hosting;
using Pipeline.Hosting;

namespace Pipeline.Functions.Triggers;

/// <summary>
/// The two queues. One message a call: that is how the trigger works at many sessions beside each other and renews their locks; a batch
/// would have one session at a time on an instance, and pages would wait behind updates.
/// </summary>
public sealed class QueueFunctions(FunctionServices services)
{
    [Function("HandleAlerts")]
    public Task HandleAlerts(
        [ServiceBusTrigger(QueueNames.Alerts, Connection = AzureSettings.ServiceBus, IsSessionsEnabled = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) => services.HandleAsync(QueueNames.Alerts, message, actions, durable, cancellationToken);

    [Function("HandleNotifications")]
    public Task HandleNotifications(
        [ServiceBusTrigger(QueueNames.Notifications, Connection = AzureSettings.ServiceBus, IsSessionsEnabled = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) => services.HandleAsync(QueueNames.Notifications, message, actions, durable, cancellationToken);
}
