using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Azure.Messaging.ServiceBus;
using Pipeline.Alerts;
using Pipeline.Functions.Durable;
using Pipeline.Functions.Posts;
using Pipeline.Functions.ServiceBus;
using Pipeline.Functions.Tables;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Runtime.Scheduling;

namespace Pipeline.Functions.Hosting;

/// <summary>The ports on Azure: entities in Table Storage, queues in Service Bus, orchestrations in Durable Functions.</summary>
internal static class AzureServices
{
    public static IServiceCollection AddAzure(this IServiceCollection services, PipelineConfiguration configuration, IConfiguration settings) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton<IEntityTable>(_ => new TableEntityTable(TableConnection.Create(settings)))
        .AddSingleton(_ => ServiceBusConnection.Create(settings))
        .AddTelemetry(settings)
        .AddPipelineOnAzure(configuration, name => settings[name], Console.Out);

    /// <summary>All but the connections: the table and the Service Bus client come from the caller.</summary>
    /// <param name="console">Where the channel <c>console</c> writes; in Azure that is the app's log.</param>
    public static IServiceCollection AddPipelineOnAzure(
        this IServiceCollection services, PipelineConfiguration configuration, Func<string, string?> secrets, TextWriter console)
    {
        services
            .AddSingleton<IPostLog>(provider => new TablePostLog(
                provider.GetRequiredService<IEntityTable>(),
                provider.GetRequiredService<PostMessages>(),
                provider.GetRequiredKeyedService<IMessageQueue>(QueueNames.Alerts)))
            .AddSingleton<IBacklog>(provider => new ServiceBusBacklog(
                QueueNames.Alerts,
                provider.GetRequiredService<ServiceBusClient>().CreateReceiver(QueueNames.Alerts, new ServiceBusReceiverOptions()),
                provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<DurableClientScope>()
            .AddSingleton<IOrchestrationClient, DurableOrchestrationClient>()
            .AddSingleton(provider => ChannelRegistry.Create(
                configuration.Channels, SecretReference.Resolver(secrets), console, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(new SecretSource(SecretReference.Resolver(secrets)))
            .AddSingleton<ScheduledJobs>()
            .AddSingleton<FunctionServices>()
            .AddPipeline(configuration);
        AddQueue(services, QueueNames.Alerts, provider => provider.GetRequiredService<AlertIntake>());
        AddQueue(services, QueueNames.Notifications, provider => provider.GetRequiredService<NotificationDispatcher>());
        return services;
    }

    private static void AddQueue(IServiceCollection services, string name, Func<IServiceProvider, IMessageHandler> handler)
    {
        services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<ServiceBusClient>().CreateSender(name));
        services.AddKeyedSingleton(name, (provider, _) => new ServiceBusMessageQueue(
            name,
            provider.GetRequiredKeyedService<ServiceBusSender>(name),
            provider.GetRequiredService<ServiceBusClient>().CreateReceiver(name, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }),
            provider.GetRequiredService<TimeProvider>()));
        services.AddKeyedSingleton<IMessageQueue>(name, (provider, _) => provider.GetRequiredKeyedService<ServiceBusMessageQueue>(name));
        services.AddSingleton<IReadiness>(provider => provider.GetRequiredKeyedService<ServiceBusMessageQueue>(name));
        services.AddSingleton<IReadiness>(provider => new TriggerWatch(
            name, provider.GetRequiredService<ServiceBusClient>().CreateReceiver(name), provider.GetRequiredService<TimeProvider>()));
        services.AddKeyedSingleton(name, (provider, _) => new TriggeredQueue(
            name,
            handler(provider),
            provider.GetRequiredKeyedService<ServiceBusSender>(name),
            provider.GetRequiredService<IEntityTable>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TriggeredQueue>>()));
    }
}
