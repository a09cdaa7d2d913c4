using Pipeline.Runtime;

namespace Pipeline.Notifications;

/// <summary>Puts notifications in the <c>notifications</c> queue. Sending one again, also after a crash, changes nothing.</summary>
/// <param name="queue">The queue whose handler is <see cref="NotificationDispatcher"/>.</param>
internal sealed class NotificationSender(IMessageQueue queue)
{
    /// <summary>Durable when it returns. Throws <see cref="StoreUnavailableException"/> where it can't be made durable.</summary>
    public Task SendAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken) =>
        notifications.Count == 0
            ? Task.CompletedTask
            : queue.SendAsync([.. notifications.Select(ToMessage)], cancellationToken);

    /// <summary>
    /// A channel has two sessions, one for pages and one for the rest, so that a page never waits behind a storm of updates.
    /// What the channel's far end asks for (rate limit, a rest after failures) holds for both.
    /// </summary>
    public static string SessionOf(Notification notification) =>
        NotificationKey.MessageIdOf(notification.Purpose == NotificationPurpose.Page ? $"{notification.Channel}:page" : notification.Channel);

    private static QueueMessage ToMessage(Notification notification)
    {
        var bounded = notification with
        {
            Title = Cut(notification.Title, NotificationLimits.MaxTitleCharacters),
            Text = Cut(notification.Text, NotificationLimits.MaxTextCharacters),
        };
        return new QueueMessage(SessionOf(notification), NotificationKey.MessageIdOf(notification.Key), PipelineJson.ToUtf8(bounded));
    }

    private static string Cut(string text, int maxCharacters)
    {
        if (text.Length <= maxCharacters)
        {
            return text;
        }

        var end = maxCharacters - 1;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
    }
}
