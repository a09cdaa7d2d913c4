using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Runtime;
using Pipeline.Tests.Support;

namespace Pipeline.Functions.Tests.ServiceBus;

/// <summary>
/// A namespace in memory that behaves as the service's documentation says: sessions, scheduled messages, duplicate detection, delivery
/// counts, dead letters. https://learn.microsoft.com/azure/service-bus-messaging/message-sequencing and its neighbours.
/// </summary>
internal sealed class LoopbackServiceBus(ManualTimeProvider clock) : ServiceBusClient
{
    private readonly Dictionary<string, LoopbackQueue> queues = new(StringComparer.Ordinal);

    public LoopbackQueue this[string queue]
    {
        get
        {
            if (!queues.TryGetValue(queue, out var found))
            {
                queues.Add(queue, found = new LoopbackQueue(clock));
            }

            return found;
        }
    }

    public override ServiceBusSender CreateSender(string queueOrTopicName) => new LoopbackSender(this[queueOrTopicName]);

    public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) => options.SubQueue == SubQueue.DeadLetter
        ? new DeadLetterReceiver(this[queueName])
        : throw new NotSupportedException("The app receives by triggers, but for dead letters.");
}

/// <summary>One queue. A message's properties are the sender's and what settling it added.</summary>
internal sealed class LoopbackQueue(ManualTimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<long, Held> messages = [];
    private readonly SortedDictionary<long, Held> dead = [];
    private readonly Dictionary<string, DateTimeOffset> seen = new(StringComparer.Ordinal);
    private long lastSequence;
    private long lastDead = 1000;

    /// <summary>What the next sends fail with.</summary>
    public Queue<Exception> SendFaults { get; } = new();

    /// <summary>What a look at the dead letters fails with.</summary>
    public Exception? LinkFault { get; set; }

    public int MaxBatchBytes { get; set; } = 256 * 1024;

    /// <summary>Sizes of the batches sent.</summary>
    public List<int> Batches { get; } = [];

    public int Count => messages.Count;

    public DateTimeOffset? NextVisible => messages.Values.Where(held => held.VisibleAt > clock.GetUtcNow()).Select(held => (DateTimeOffset?)held.VisibleAt).Min();

    public void Send(IReadOnlyList<ServiceBusMessage> batch)
    {
        lock (gate)
        {
            if (SendFaults.TryDequeue(out var fault))
            {
                throw fault;
            }

            Batches.Add(batch.Count);
            foreach (var message in batch)
            {
                Add(message);
            }
        }
    }

    /// <summary>The next message that may be delivered, its delivery counted; null where there is none.</summary>
    public ServiceBusReceivedMessage? Receive()
    {
        lock (gate)
        {
            return messages.Values.FirstOrDefault(held => held.VisibleAt <= clock.GetUtcNow()) is { } next ? Deliver(next) : null;
        }
    }

    /// <summary>All that may be delivered, each delivered once and completed.</summary>
    public IReadOnlyList<ServiceBusReceivedMessage> ReceiveAll()
    {
        var all = new List<ServiceBusReceivedMessage>();
        while (Receive() is { } message)
        {
            all.Add(message);
            Complete(message.SequenceNumber);
        }

        return all;
    }

    public void Complete(long sequence) => messages.Remove(sequence);

    public void Change(long sequence, IDictionary<string, object>? properties) => Merge(messages[sequence].Properties, properties);

    public void DeadLetter(long sequence, IDictionary<string, object>? properties, string? reason)
    {
        messages.Remove(sequence, out var held);
        Merge(held!.Properties, properties);
        held.Properties["DeadLetterReason"] = reason ?? "";

        // The dead-letter queue numbers its messages itself.
        var number = ++lastDead;
        dead.Add(number, held with { Sequence = number });
    }

    public IReadOnlyList<ServiceBusReceivedMessage> Dead(int max, long from) =>
        [.. dead.Where(entry => entry.Key >= from).Take(max).Select(entry => View(entry.Value))];

    public void CompleteDead(long sequence) => dead.Remove(sequence);

    private void Add(ServiceBusMessage message)
    {
        var now = clock.GetUtcNow();
        if (seen.TryGetValue(message.MessageId, out var sentAt) && now - sentAt < QueueLimits.DuplicateWindow)
        {
            return;
        }

        seen[message.MessageId] = now;
        var held = new Held(++lastSequence, message.SessionId, message.MessageId, message.Body, now, message.ScheduledEnqueueTime, []);
        Merge(held.Properties, message.ApplicationProperties);
        messages.Add(held.Sequence, held);
    }

    private static ServiceBusReceivedMessage Deliver(Held held)
    {
        held.Deliveries++;
        return View(held);
    }

    private static ServiceBusReceivedMessage View(Held held) => ServiceBusModelFactory.ServiceBusReceivedMessage(
        body: held.Body,
        messageId: held.MessageId,
        sessionId: held.SessionId,
        properties: new Dictionary<string, object>(held.Properties, StringComparer.Ordinal),
        deliveryCount: held.Deliveries,
        sequenceNumber: held.Sequence,
        enqueuedTime: held.EnqueuedAt);

    private static void Merge(Dictionary<string, object> into, IDictionary<string, object>? properties)
    {
        foreach (var (name, value) in properties ?? new Dictionary<string, object>(StringComparer.Ordinal))
        {
            into[name] = value;
        }
    }

    private sealed record Held(
        long Sequence, string SessionId, string MessageId, BinaryData Body, DateTimeOffset EnqueuedAt, DateTimeOffset VisibleAt, Dictionary<string, object> Properties)
    {
        public int Deliveries { get; set; }
    }
}

internal sealed class LoopbackSender(LoopbackQueue queue) : ServiceBusSender
{
    private readonly Dictionary<ServiceBusMessageBatch, List<ServiceBusMessage>> batches = [];

    public override ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default)
    {
        var store = new List<ServiceBusMessage>();
        var batch = ServiceBusModelFactory.ServiceBusMessageBatch(
            0, store, new CreateMessageBatchOptions { MaxSizeInBytes = queue.MaxBatchBytes }, message => store.Sum(SizeOf) + SizeOf(message) <= queue.MaxBatchBytes);
        batches.Add(batch, store);
        return new ValueTask<ServiceBusMessageBatch>(batch);
    }

    public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
    {
        queue.Send([message]);
        return Task.CompletedTask;
    }

    public override Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default)
    {
        queue.Send([.. batches[messageBatch]]);
        return Task.CompletedTask;
    }

    public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    private static int SizeOf(ServiceBusMessage message) => message.Body.ToMemory().Length;
}

internal sealed class LoopbackActions(LoopbackQueue queue) : ServiceBusMessageActions
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

        queue.Complete(message.SequenceNumber);
        return Task.CompletedTask;
    }

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default)
    {
        queue.Change(message.SequenceNumber, propertiesToModify);
        return Task.CompletedTask;
    }

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default)
    {
        queue.DeadLetter(message.SequenceNumber, propertiesToModify, deadLetterReason);
        return Task.CompletedTask;
    }
}

/// <summary>Of the dead-letter queue: what is received stays locked until it is completed or given back.</summary>
internal sealed class DeadLetterReceiver(LoopbackQueue queue) : ServiceBusReceiver
{
    private readonly HashSet<long> locked = [];

    public override Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = default, CancellationToken cancellationToken = default) =>
        queue.LinkFault is { } fault ? throw fault : Task.FromResult(queue.Dead(maxMessages, fromSequenceNumber ?? 0));

    public override Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = default, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ServiceBusReceivedMessage> free = [.. queue.Dead(int.MaxValue, 0).Where(message => locked.Add(message.SequenceNumber)).Take(Math.Min(maxMessages, 2))];
        return Task.FromResult(free);
    }

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        queue.CompleteDead(message.SequenceNumber);
        locked.Remove(message.SequenceNumber);
        return Task.CompletedTask;
    }

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default)
    {
        locked.Remove(message.SequenceNumber);
        return Task.CompletedTask;
    }

    public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
}
