namespace Azure.Messaging.ServiceBus;

/// <summary>Makes what only the service gives, for tests. https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusmodelfactory</summary>
public static class ServiceBusModelFactory
{
    public static ServiceBusMessageBatch ServiceBusMessageBatch(
        long batchSizeBytes,
        IList<ServiceBusMessage> batchMessageStore,
        CreateMessageBatchOptions? batchOptions = null,
        Func<ServiceBusMessage, bool>? tryAddCallback = null) =>
        new(batchOptions?.MaxSizeInBytes ?? batchSizeBytes, batchMessageStore, tryAddCallback);

    public static ServiceBusReceivedMessage ServiceBusReceivedMessage(
        BinaryData? body = null,
        string? messageId = null,
        string? partitionKey = null,
        string? viaPartitionKey = null,
        string? sessionId = null,
        string? replyToSessionId = null,
        TimeSpan timeToLive = default,
        string? correlationId = null,
        string? subject = null,
        string? to = null,
        string? contentType = null,
        string? replyTo = null,
        DateTimeOffset scheduledEnqueueTime = default,
        IDictionary<string, object>? properties = null,
        Guid lockTokenGuid = default,
        int deliveryCount = 0,
        DateTimeOffset lockedUntil = default,
        long sequenceNumber = -1,
        string? deadLetterSource = null,
        long enqueuedSequenceNumber = 0,
        DateTimeOffset enqueuedTime = default,
        ServiceBusMessageState serviceBusMessageState = ServiceBusMessageState.Active) => new(body ?? BinaryData.FromBytes(ReadOnlyMemory<byte>.Empty))
        {
            MessageId = messageId!,
            SessionId = sessionId!,
            ApplicationProperties = new Dictionary<string, object>(properties ?? new Dictionary<string, object>(StringComparer.Ordinal), StringComparer.Ordinal),
            LockToken = lockTokenGuid.ToString(),
            DeliveryCount = deliveryCount,
            SequenceNumber = sequenceNumber,
            EnqueuedTime = enqueuedTime,
        };
}
