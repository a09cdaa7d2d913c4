using Azure.Core;

namespace Azure.Messaging.ServiceBus;

/// <summary>
/// Has the shape of the official client and no connection: AMQP is the official package's. Tests derive senders and receivers of their own.
/// https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusclient
/// </summary>
public class ServiceBusClient : IAsyncDisposable
{
    public ServiceBusClient(string connectionString, ServiceBusClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        FullyQualifiedNamespace = HostIn(connectionString);
    }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(credential);
        ArgumentNullException.ThrowIfNull(options);
        FullyQualifiedNamespace = fullyQualifiedNamespace;
    }

    protected ServiceBusClient() => FullyQualifiedNamespace = "";

    public virtual string FullyQualifiedNamespace { get; }

    public virtual ServiceBusSender CreateSender(string queueOrTopicName) => throw NoConnection();

    public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) => throw NoConnection();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    internal static NotSupportedException NoConnection() => new("This is the stand-in; only the official Azure.Messaging.ServiceBus reaches a namespace.");

    private static string HostIn(string connectionString)
    {
        const string endpoint = "Endpoint=";
        var part = connectionString.Split(';').FirstOrDefault(part => part.StartsWith(endpoint, StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException("The connection string has no Endpoint.");
        return new Uri(part[endpoint.Length..]).Host;
    }
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusclientoptions</summary>
public class ServiceBusClientOptions
{
    public ServiceBusRetryOptions RetryOptions { get; set; } = new();
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusretryoptions</summary>
public class ServiceBusRetryOptions
{
    public int MaxRetries { get; set; } = 3;

    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebussender</summary>
public class ServiceBusSender : IAsyncDisposable
{
    protected ServiceBusSender()
    {
    }

    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.NoConnection();

    public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) => throw ServiceBusClient.NoConnection();

    public virtual Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.NoConnection();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusreceiver</summary>
public class ServiceBusReceiver : IAsyncDisposable
{
    protected ServiceBusReceiver()
    {
    }

    public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = default, CancellationToken cancellationToken = default) => throw ServiceBusClient.NoConnection();

    public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = default, CancellationToken cancellationToken = default) => throw ServiceBusClient.NoConnection();

    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.NoConnection();

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.NoConnection();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusreceiveroptions</summary>
public class ServiceBusReceiverOptions
{
    public SubQueue SubQueue { get; set; }
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.subqueue</summary>
public enum SubQueue
{
    None = 0,
    DeadLetter = 1,
    TransferDeadLetter = 2,
}
