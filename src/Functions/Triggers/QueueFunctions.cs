using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Pipeline.Functions.Hosting;
using Pipeline.Hosting;

namespace Pipeline.Functions.Triggers;

/// <summary>The two queues. A call has messages of one session; other sessions run beside it.</summary>
public sealed class QueueFunctions(FunctionServices services)
{
    [Function("HandleAlerts")]
    public Task HandleAlerts(
        [ServiceBusTrigger(QueueNames.Alerts, Connection = AzureSettings.ServiceBus, IsSessionsEnabled = true, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) => services.HandleAsync(QueueNames.Alerts, messages, actions, durable, cancellationToken);

    [Function("HandleNotifications")]
    public Task HandleNotifications(
        [ServiceBusTrigger(QueueNames.Notifications, Connection = AzureSettings.ServiceBus, IsSessionsEnabled = true, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) => services.HandleAsync(QueueNames.Notifications, messages, actions, durable, cancellationToken);
}
