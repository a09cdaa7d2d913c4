namespace Azure.Messaging.ServiceBus;

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusmessage</summary>
public class ServiceBusMessage
{
    public ServiceBusMessage(ReadOnlyMemory<byte> body) => Body = BinaryData.FromBytes(body);

    public IDictionary<string, object> ApplicationProperties { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public BinaryData Body { get; set; }

    public string ContentType { get; set; } = "";

    public string MessageId { get; set; } = "";

    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    public string SessionId { get; set; } = "";
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusreceivedmessage</summary>
public class ServiceBusReceivedMessage
{
    internal ServiceBusReceivedMessage(BinaryData body) => Body = body;

    public IReadOnlyDictionary<string, object> ApplicationProperties { get; internal init; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public BinaryData Body { get; }

    public string DeadLetterReason => ApplicationProperties.TryGetValue("DeadLetterReason", out var reason) ? (string)reason : null!;

    public int DeliveryCount { get; internal init; }

    public DateTimeOffset EnqueuedTime { get; internal init; }

    public string LockToken { get; internal init; } = "";

    public string MessageId { get; internal init; } = "";

    public long SequenceNumber { get; internal init; }

    public string SessionId { get; internal init; } = "";
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusmessagebatch</summary>
public sealed class ServiceBusMessageBatch : IDisposable
{
    private readonly IList<ServiceBusMessage> store;
    private readonly Func<ServiceBusMessage, bool> tryAdd;

    internal ServiceBusMessageBatch(long maxSizeInBytes, IList<ServiceBusMessage> store, Func<ServiceBusMessage, bool>? tryAdd)
    {
        MaxSizeInBytes = maxSizeInBytes;
        this.store = store;
        this.tryAdd = tryAdd ?? (_ => true);
    }

    public int Count => store.Count;

    public long MaxSizeInBytes { get; }

    public bool TryAddMessage(ServiceBusMessage message)
    {
        if (!tryAdd(message))
        {
            return false;
        }

        store.Add(message);
        return true;
    }

    public void Dispose() => store.Clear();
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.createmessagebatchoptions</summary>
public class CreateMessageBatchOptions
{
    public long? MaxSizeInBytes { get; set; }
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusmessagestate</summary>
public enum ServiceBusMessageState
{
    Active = 0,
    Deferred = 1,
    Scheduled = 2,
}
