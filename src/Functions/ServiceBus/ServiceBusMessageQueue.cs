using System.Globalization;
using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// A queue with sessions and duplicate detection. Its messages reach their handler by <see cref="ServiceBusLease"/>; this sends them
/// and looks after the dead letters.
/// </summary>
/// <param name="deadLetters">Of the queue's dead-letter queue, which has no sessions.</param>
internal sealed class ServiceBusMessageQueue(string name, ServiceBusSender sender, ServiceBusReceiver deadLetters) : IMessageQueue, IReadiness
{
    // A page of the receiver; it may give fewer.
    private const int MaxAtOnce = 100;

    /// <summary>An empty dead-letter queue answers after so long.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    public string Name => name;

    /// <summary>
    /// In as many batches as their sizes ask for. A fault in between leaves those before it sent; the caller sends all again, and they are
    /// taken once: by duplicate detection where the ids are the same, by the handler where they are new, as a post's are.
    /// </summary>
    public async Task SendAsync(IReadOnlyList<QueueMessage> messages, CancellationToken cancellationToken = default)
    {
        QueueLimits.Check(messages);
        if (messages.Count > 0)
        {
            await ServiceBusFaults.GuardAsync(name, "sending", () => SendBatchesAsync(messages, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>A look at the dead letters is a round trip to the queue each time; it proves the right to receive, not that to send.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) =>
        ServiceBusFaults.GuardAsync(name, "reaching it", () => deadLetters.PeekMessagesAsync(1, cancellationToken: cancellationToken));

    public async Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(int take, long after = 0, CancellationToken cancellationToken = default)
    {
        QueueLimits.CheckTake(take);
        return await ServiceBusFaults.GuardAsync<IReadOnlyList<DeadLetter>>(name, "reading dead letters", async () =>
        {
            var found = new List<DeadLetter>();
            var from = after + 1;
            while (found.Count < take
                && await deadLetters.PeekMessagesAsync(Math.Min(take - found.Count, MaxAtOnce), from, cancellationToken).ConfigureAwait(false) is { Count: > 0 } page)
            {
                found.AddRange(page.Select(ToDeadLetter));
                from = page[^1].SequenceNumber + 1;
            }

            return found;
        }).ConfigureAwait(false);
    }

    public Task<bool> RetryDeadLetterAsync(long sequence, CancellationToken cancellationToken = default) =>
        ServiceBusFaults.GuardAsync(name, "retrying a dead letter", () => RetryAsync(sequence, cancellationToken));

    private async Task SendBatchesAsync(IReadOnlyList<QueueMessage> messages, CancellationToken cancellationToken)
    {
        var batch = await sender.CreateMessageBatchAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var message in messages)
            {
                var outgoing = ToServiceBus(message);
                if (batch.TryAddMessage(outgoing))
                {
                    continue;
                }

                if (batch.Count > 0)
                {
                    await sender.SendMessagesAsync(batch, cancellationToken).ConfigureAwait(false);
                    batch.Dispose();
                    batch = await sender.CreateMessageBatchAsync(cancellationToken).ConfigureAwait(false);
                }

                if (!batch.TryAddMessage(outgoing))
                {
                    throw new ArgumentException(
                        string.Create(CultureInfo.InvariantCulture, $"Message '{message.MessageId}' has {message.Body.Length} bytes, more than queue '{name}' takes ({batch.MaxSizeInBytes})."),
                        nameof(messages));
                }
            }

            await sender.SendMessagesAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            batch.Dispose();
        }
    }

    // A dead letter can't be fetched by its number alone: those before it are taken too and given back.
    private async Task<bool> RetryAsync(long sequence, CancellationToken cancellationToken)
    {
        var passed = new List<ServiceBusReceivedMessage>();
        try
        {
            while (await deadLetters.ReceiveMessagesAsync(MaxAtOnce, Wait, cancellationToken).ConfigureAwait(false) is { Count: > 0 } page)
            {
                passed.AddRange(page);
                if (page.FirstOrDefault(message => message.SequenceNumber == sequence) is { } wanted)
                {
                    var id = string.Create(CultureInfo.InvariantCulture, $"{sequence}-revived-{MessageProperties.Number(wanted, MessageProperties.DeadAt)}");
                    await sender.SendMessageAsync(MessageProperties.Copy(wanted, deliveries: 0, id), cancellationToken).ConfigureAwait(false);
                    await deadLetters.CompleteMessageAsync(wanted, cancellationToken).ConfigureAwait(false);
                    passed.Remove(wanted);
                    return true;
                }
            }

            // Peeking sees also what another retry holds just now.
            return (await deadLetters.PeekMessagesAsync(1, sequence, cancellationToken).ConfigureAwait(false)) is [var there, ..] && there.SequenceNumber == sequence
                ? throw new StoreUnavailableException($"Dead letter {sequence} of queue '{name}' is held by another retry; try again in a moment.")
                : false;
        }
        finally
        {
            await GiveBackAsync(passed).ConfigureAwait(false);
        }
    }

    // Where that fails their locks run out by themselves; what was done stands.
    private async Task GiveBackAsync(IReadOnlyList<ServiceBusReceivedMessage> messages)
    {
        try
        {
            await Task.WhenAll(messages.Select(message => deadLetters.AbandonMessageAsync(message, cancellationToken: CancellationToken.None))).ConfigureAwait(false);
        }
        catch (ServiceBusException)
        {
        }
    }

    private static DeadLetter ToDeadLetter(ServiceBusReceivedMessage message)
    {
        var deadAt = MessageProperties.Number(message, MessageProperties.DeadAt) is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : message.EnqueuedTime;

        // By its own number, under which it is found again; the original's is for the handler.
        return new DeadLetter(MessageProperties.Read(message) with { Sequence = message.SequenceNumber }, message.DeadLetterReason ?? "", deadAt);
    }

    private static ServiceBusMessage ToServiceBus(QueueMessage message)
    {
        var outgoing = new ServiceBusMessage(message.Body)
        {
            MessageId = message.MessageId,
            SessionId = message.SessionId,
            ContentType = "application/json",
        };
        if (message.VisibleAfter is { } visibleAfter)
        {
            outgoing.ScheduledEnqueueTime = visibleAfter;
        }

        return outgoing;
    }
}
