using System.Globalization;
using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// Fails health while a queue holds a message that has been due for longer than <see cref="QueueLateness.Longest"/>: its trigger receives nothing, or
/// falls behind. Messages that wait for a later time don't count.
/// </summary>
/// <param name="queue">Looks only, and so needs no session.</param>
internal sealed class TriggerWatch(string name, ServiceBusReceiver queue, TimeProvider time) : IReadiness
{
    // A peek returns whole messages, of up to 240 KiB each, and those that wait for a later time among them.
    private const int AtOnce = 8;
    private const int Pages = 25;

    private readonly ServiceBusCalls calls = new(name, time);

    public string Name => name;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (await OldestDueAsync(cancellationToken).ConfigureAwait(false) is { } since && time.GetUtcNow() - since is var age && age > QueueLateness.Longest)
        {
            throw new StoreUnavailableException(string.Create(
                CultureInfo.InvariantCulture,
                $"A message of the queue '{name}' has been due for {(long)age.TotalSeconds} s. Look at the log of its function and at the load; if neither says why, restart the app: nothing is lost by it."));
        }
    }

    /// <summary>Returns when the first message that isn't scheduled was enqueued; null where there is none among the first 200.</summary>
    private async Task<DateTimeOffset?> OldestDueAsync(CancellationToken cancellationToken)
    {
        var from = 0L;
        for (var page = 0; page < Pages; page++)
        {
            var messages = await calls.RunAsync(
                "looking for its oldest message", token => queue.PeekMessagesAsync(AtOnce, from, token), cancellationToken).ConfigureAwait(false);
            if (messages.FirstOrDefault(message => message.State == ServiceBusMessageState.Active) is { } oldest)
            {
                return oldest.EnqueuedTime;
            }

            if (messages.Count == 0)
            {
                return null;
            }

            from = messages[^1].SequenceNumber + 1;
        }

        return null;
    }
}
