using System.Globalization;
using Pipeline.Hosting;
using Pipeline.Incidents;

namespace Pipeline.Notifications;

/// <summary>One way to one person, or to a room.</summary>
/// <param name="PersonId">An id under <c>people</c>; null for a room.</param>
public sealed record Recipient(string? PersonId, ContactMethod Contact, string? PersonName = null);

/// <summary>What is told about an incident, before it is known to whom.</summary>
/// <param name="Step">What of that purpose it is, e.g. <c>update3</c>; with purpose, incident and round it makes the notifications' keys.</param>
public sealed record IncidentMessage(
    NotificationPurpose Purpose,
    Incident Incident,
    int Round,
    string Step,
    string Title,
    string Text,
    Uri? Link,
    DateTimeOffset At);

/// <param name="Names">The people, for the timeline.</param>
public sealed record Audience(string Names, IReadOnlyList<Recipient> Recipients)
{
    /// <summary>Both together, each way once.</summary>
    public Audience And(Audience other) => new($"{Names}, {other.Names}", [.. Recipients.Union(other.Recipients)]);

    /// <summary>One notification for each way to each recipient.</summary>
    public IReadOnlyList<Notification> Address(IncidentMessage message)
    {
        var seen = new Dictionary<(string?, string), int>();
        return [.. Recipients.Select(recipient => Address(message, recipient, seen))];
    }

    private static Notification Address(IncidentMessage message, Recipient recipient, Dictionary<(string?, string), int> seen)
    {
        // A person may have two addresses on one channel; the key knows person and channel only.
        var way = (recipient.PersonId, recipient.Contact.Channel);
        var count = seen[way] = seen.GetValueOrDefault(way) + 1;
        var step = count == 1 ? message.Step : string.Create(CultureInfo.InvariantCulture, $"{message.Step}.address{count}");
        return new Notification
        {
            Key = NotificationKey.Of(message.Purpose, message.Incident.Id, message.Round, step, recipient.PersonId, recipient.Contact.Channel),
            Channel = recipient.Contact.Channel,
            Address = recipient.Contact.Address,
            PersonId = recipient.PersonId,
            PersonName = recipient.PersonName,
            Purpose = message.Purpose,
            IncidentId = message.Incident.Id,
            Severity = message.Incident.Severity,
            Title = message.Title,
            Text = message.Text,
            Link = message.Link,
            CreatedAt = message.At,
        };
    }
}
