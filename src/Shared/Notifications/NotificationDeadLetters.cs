using System.Text.Json;
using Pipeline.Runtime;

namespace Pipeline.Notifications;

/// <summary>A notification that was given up.</summary>
/// <param name="Sequence">Names it in <see cref="NotificationDeadLetters.RetryAsync"/>.</param>
/// <param name="Notification">Null where the message can't be read.</param>
/// <param name="Deliveries">How often it was delivered before.</param>
/// <param name="At">When it was given up.</param>
public sealed record NotificationDeadLetter(
    long Sequence, string MessageId, Notification? Notification, string Reason, int Deliveries, DateTimeOffset At);

/// <summary>What could not be delivered, for people to see and to send on its way again.</summary>
internal sealed class NotificationDeadLetters(IMessageQueue queue)
{
    /// <summary>Oldest first.</summary>
    /// <param name="after">Only those with a greater <see cref="NotificationDeadLetter.Sequence"/>.</param>
    public async Task<IReadOnlyList<NotificationDeadLetter>> ListAsync(int take, long after, CancellationToken cancellationToken)
    {
        var letters = await queue.ListDeadLettersAsync(take, after, cancellationToken).ConfigureAwait(false);
        return [.. letters.Select(letter => new NotificationDeadLetter(
            letter.Sequence,
            letter.Message.MessageId,
            Read(letter.Message),
            letter.Reason,
            letter.Message.DeliveryCount,
            letter.At))];
    }

    /// <summary>Sends it on its way again. A page passes the gate as always: one for an acknowledged incident is withheld.</summary>
    /// <returns>False where there is none of that sequence.</returns>
    public Task<bool> RetryAsync(long sequence, CancellationToken cancellationToken) => queue.RetryDeadLetterAsync(sequence, cancellationToken);

    private static Notification? Read(ReceivedMessage message)
    {
        try
        {
            return PipelineJson.FromUtf8<Notification>(message.Body.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
