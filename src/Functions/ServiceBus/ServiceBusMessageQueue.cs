using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// A queue with sessions and duplicate detection. Its messages reach their handler by <see cref="ServiceBusLease"/>; this sends them
/// and looks after the dead letters.
/// </summary>
/// <param name="deadLetters">Of the queue's dead-letter queue, which has no sessions.</param>
internal sealed class ServiceBusMessageQueue(string name, ServiceBusSender sender, ServiceBusReceiver deadLetters, TimeProvider time)
    : IMessageQueue, IReadiness
{
    // A page of the receiver; it may give fewer.
    private const int MaxAtOnce = 100;

    /// <summary>An empty dead-letter queue answers after so long.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    private readonly ServiceBusCalls calls = new(name, time);

    public string Name => name;

    /// <summary>
    /// In as many batches as their sizes ask for. Each has the deadline and the tries of a call for itself, so a large post gets through
    /// a namespace that throttles. A fault in between leaves those before it sent; the caller sends all again, and they are taken once:
    /// by duplicate detection where the ids are the same, by the handler where they are new, as a post's are.
    /// </summary>
    public async Task SendAsync(IReadOnlyList<QueueMessage> messages, CancellationToken cancellationToken = default)
    {
        QueueLimits.Check(messages);
        var sent = 0;
        while (sent < messages.Count)
        {
            var from = sent;
            sent = await calls.RunAsync("sending", token => SendBatchAsync(messages, from, token), cancellationToken, messages).ConfigureAwait(false);
        }
    }

    /// <summary>A look at the dead letters is a round trip to the queue each time; it proves the right to receive, not that to send.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) =>
        calls.RunAsync("reaching it", token => PeekAsync(1, 0, token), cancellationToken);

    public async Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(int take, long after = 0, CancellationToken cancellationToken = default)
    {
        QueueLimits.CheckTake(take);
        var found = new List<DeadLetter>();
        await foreach (var message in PeekAllAsync(after + 1, cancellationToken).ConfigureAwait(false))
        {
            found.Add(MessageProperties.ReadDeadLetter(message));
            if (found.Count == take)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>
    /// Looks first, which delivers nothing. A dead letter can't be fetched by its number alone, so those before it are taken too and given
    /// back; those behind it are left alone.
    /// </summary>
    public async Task<bool> RetryDeadLetterAsync(long sequence, CancellationToken cancellationToken = default)
    {
        var ahead = 0;
        await foreach (var message in PeekAllAsync(1, cancellationToken).ConfigureAwait(false))
        {
            if (message.SequenceNumber >= sequence)
            {
                return message.SequenceNumber == sequence && await RetryAsync(sequence, ahead + 1, cancellationToken).ConfigureAwait(false);
            }

            ahead++;
        }

        return false;
    }

    private Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(int max, long from, CancellationToken cancellationToken) =>
        deadLetters.PeekMessagesAsync(max, from, cancellationToken);

    private async IAsyncEnumerable<ServiceBusReceivedMessage> PeekAllAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await calls.RunAsync("reading dead letters", token => PeekAsync(MaxAtOnce, from, token), cancellationToken).ConfigureAwait(false)
            is { Count: > 0 } page)
        {
            foreach (var message in page)
            {
                yield return message;
            }

            from = page[^1].SequenceNumber + 1;
        }
    }

    /// <summary>Sends as many messages as one batch takes, from the one at <paramref name="from"/> on.</summary>
    /// <returns>The index of the first that wasn't sent.</returns>
    private async Task<int> SendBatchAsync(IReadOnlyList<QueueMessage> messages, int from, CancellationToken cancellationToken)
    {
        using var batch = await sender.CreateMessageBatchAsync(cancellationToken).ConfigureAwait(false);
        var next = from;
        while (next < messages.Count && batch.TryAddMessage(ToServiceBus(messages[next])))
        {
            next++;
        }

        if (next == from)
        {
            var message = messages[from];
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"Message '{message.MessageId}' has {message.Body.Length} bytes, more than queue '{name}' takes ({batch.MaxSizeInBytes})."),
                nameof(messages));
        }

        await sender.SendMessagesAsync(batch, cancellationToken).ConfigureAwait(false);
        return next;
    }

    /// <param name="atMost">How many to take: those before it and itself.</param>
    private async Task<bool> RetryAsync(long sequence, int atMost, CancellationToken cancellationToken)
    {
        var passed = new List<ServiceBusReceivedMessage>();
        try
        {
            while (passed.Count < atMost && await ReceiveAsync(atMost - passed.Count, cancellationToken).ConfigureAwait(false) is { Count: > 0 } page)
            {
                passed.AddRange(page);
                if (page.FirstOrDefault(message => message.SequenceNumber == sequence) is { } wanted)
                {
                    await ReviveAsync(wanted, cancellationToken).ConfigureAwait(false);
                    passed.Remove(wanted);
                    return true;
                }
            }

            throw new StoreUnavailableException($"Dead letter {sequence} of queue '{name}' is held by another retry; try again in a moment.");
        }
        finally
        {
            await GiveBackAsync(passed).ConfigureAwait(false);
        }
    }

    private Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(int max, CancellationToken cancellationToken) => calls.RunAsync(
        "receiving dead letters", token => deadLetters.ReceiveMessagesAsync(Math.Min(max, MaxAtOnce), Wait, token), cancellationToken);

    private async Task ReviveAsync(ServiceBusReceivedMessage letter, CancellationToken cancellationToken)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{letter.SequenceNumber}-revived-{MessageProperties.Number(letter, MessageProperties.DeadAt)}");
        var copy = MessageProperties.Copy(letter, deliveries: 0, id);
        await calls.RunAsync("retrying a dead letter", token => sender.SendMessageAsync(copy, token), cancellationToken, copy).ConfigureAwait(false);
        await calls.RunAsync("retrying a dead letter", token => deadLetters.CompleteMessageAsync(letter, token), cancellationToken).ConfigureAwait(false);
    }

    // Where that fails their locks run out by themselves; what was done stands.
    private async Task GiveBackAsync(IReadOnlyList<ServiceBusReceivedMessage> messages)
    {
        try
        {
            await calls.RunAsync(
                "giving dead letters back",
                token => Task.WhenAll(messages.Select(message => deadLetters.AbandonMessageAsync(message, cancellationToken: token))),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
        }
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
