using System.Globalization;
using System.Text;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Notifications.Console;

/// <summary>Writes notifications for whoever watches the program: one headline each, the text indented under it.</summary>
internal sealed class ConsoleChannel(ConsoleOutput output) : INotificationChannel
{
    private const int MaxTextLines = 6;

    public async Task<DeliveryOutcome> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        try
        {
            await output.WriteAsync(Format(notification), cancellationToken).ConfigureAwait(false);
            return new DeliveryOutcome.Sent("written to the console");
        }
        catch (IOException exception)
        {
            return new DeliveryOutcome.Retryable($"the console can't be written: {exception.Message}");
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
                text.Append("  ").Append(PrintableText.Escape(part));
            }
        }

        text.AppendLine();
        var lines = notification.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var line in lines.Take(MaxTextLines))
        {
            text.Append("           ").AppendLine(PrintableText.Escape(line));
        }

        if (lines.Length > MaxTextLines)
        {
            text.Append(CultureInfo.InvariantCulture, $"           … and {lines.Length - MaxTextLines} more lines").AppendLine();
        }

        if (notification.Link is { } link)
        {
            text.Append("           ").AppendLine(PrintableText.Escape(link.ToString()));
        }

        return text.ToString();
    }

    internal static string Label(NotificationPurpose purpose) => purpose switch
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
        NotificationPurpose.PostmortemReminder => "postmortem",
        NotificationPurpose.AlertsJoined => "alerts joined",
        _ => throw new ArgumentOutOfRangeException(nameof(purpose), purpose, "This purpose has no label."),
    };
}
