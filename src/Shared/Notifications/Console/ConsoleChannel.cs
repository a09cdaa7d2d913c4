using System.Globalization;
using System.Text;
using Pipeline.Incidents;

namespace Pipeline.Notifications.Console;

/// <summary>Writes notifications for whoever watches the program: one headline each, the text indented under it.</summary>
internal sealed class ConsoleChannel(TextWriter writer) : INotificationChannel
{
    private const int MaxTextLines = 6;

    // Several channels may write to the same console.
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    public async Task<DeliveryOutcome> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        await OneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await writer.WriteAsync(Format(notification).AsMemory(), cancellationToken).ConfigureAwait(false);
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            return new DeliveryOutcome.Sent("written to the console");
        }
        catch (IOException exception)
        {
            return new DeliveryOutcome.Retryable($"the console can't be written: {exception.Message}");
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    internal static string Format(Notification notification)
    {
        var text = new StringBuilder();
        text.Append(notification.CreatedAt.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        text.Append("  ").Append(Label(notification.Purpose));
        if (notification.Severity is { } severity && !notification.Title.Contains(severity.Text(), StringComparison.Ordinal))
        {
            text.Append(' ').Append(severity.Text());
        }

        var incident = notification.IncidentId is { } id && !notification.Title.Contains(id, StringComparison.Ordinal) ? id : null;
        var person = notification.PersonName ?? notification.PersonId;
        foreach (var part in new[] { incident, person is null ? null : $"→ {person}", notification.Title })
        {
            if (!string.IsNullOrEmpty(part))
            {
                text.Append("  ").Append(Printable(part));
            }
        }

        text.AppendLine();
        var lines = notification.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var line in lines.Take(MaxTextLines))
        {
            text.Append("           ").AppendLine(Printable(line));
        }

        if (lines.Length > MaxTextLines)
        {
            text.Append(CultureInfo.InvariantCulture, $"           … and {lines.Length - MaxTextLines} more lines").AppendLine();
        }

        if (notification.Link is { } link)
        {
            text.Append("           ").AppendLine(Printable(link.ToString()));
        }

        return text.ToString();
    }

    private static string Label(NotificationPurpose purpose) => purpose switch
    {
        NotificationPurpose.Page => "PAGE",
        NotificationPurpose.IncidentOpened => "opened",
        NotificationPurpose.IncidentReopened => "reopened",
        NotificationPurpose.SeverityRaised => "severity raised",
        NotificationPurpose.IncidentResolved => "resolved",
        NotificationPurpose.StakeholderUpdate => "update",
        NotificationPurpose.UpdateReminder => "update due soon",
        NotificationPurpose.UpdateOverdue => "update overdue",
        NotificationPurpose.FinalUpdateOwed => "final update owed",
        _ => "postmortem",
    };

    // Texts come from alerts; a control character in one could rewrite the reader's terminal.
    private static string Printable(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
}
