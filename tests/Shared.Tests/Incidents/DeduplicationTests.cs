using Pipeline.Alerts;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Times in minutes after the start of the episode that is known; messages are received at minute 60.</summary>
public sealed class DeduplicationTests
{
    private const long LastSequence = 10;
    private static readonly DateTimeOffset Start = SampleAlert.Monday;

    [Theory]
    // The same failure said again.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Firing, 0, null, AlertNews.Repeat)]
    // A later start: it recovered and failed again, and the resolve in between was lost.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Firing, 5, null, AlertNews.Refired)]
    // An earlier start: a rule evaluated by two Prometheuses, no other failure.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Firing, -5, null, AlertNews.Repeat)]
    // The sender gave no start, so the time of receipt stands for it: it names no new episode.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Firing, 60, null, AlertNews.Repeat)]
    // A stale alert is heard of again.
    [InlineData(IncidentAlertStatus.Stale, AlertStatus.Firing, 0, null, AlertNews.Repeat)]
    // A stale alert that began anew.
    [InlineData(IncidentAlertStatus.Stale, AlertStatus.Firing, 5, null, AlertNews.Refired)]
    // After the resolve with a new start: a new failure.
    [InlineData(IncidentAlertStatus.Resolved, AlertStatus.Firing, 5, null, AlertNews.Refired)]
    // After the resolve with the old start, as Prometheus keeps it over an outage of its own: a new failure too.
    [InlineData(IncidentAlertStatus.Resolved, AlertStatus.Firing, 0, null, AlertNews.Refired)]
    // After the resolve without a start of its own.
    [InlineData(IncidentAlertStatus.Resolved, AlertStatus.Firing, 60, null, AlertNews.Refired)]
    // It recovered.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Resolved, 0, 10, AlertNews.Recovered)]
    // A stale alert's resolve comes after all.
    [InlineData(IncidentAlertStatus.Stale, AlertStatus.Resolved, 0, 10, AlertNews.Recovered)]
    // A resolve that names a later start than the one known ends that one as well.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Resolved, 5, 10, AlertNews.Recovered)]
    // The late resolve of an episode that was over before this one began.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Resolved, -10, -5, AlertNews.ResolveOfEarlierEpisode)]
    // The same, ended at the very instant at which this one began.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Resolved, -10, -1, AlertNews.ResolveOfEarlierEpisode)]
    // The same for a stale alert.
    [InlineData(IncidentAlertStatus.Stale, AlertStatus.Resolved, -10, -5, AlertNews.ResolveOfEarlierEpisode)]
    // An earlier start, but an end inside this episode: this one is over.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Resolved, -10, 10, AlertNews.Recovered)]
    // No end given: nothing says that it isn't this episode's.
    [InlineData(IncidentAlertStatus.Firing, AlertStatus.Resolved, -10, null, AlertNews.Recovered)]
    // Prometheus repeats a resolve for 15 minutes.
    [InlineData(IncidentAlertStatus.Resolved, AlertStatus.Resolved, 0, 10, AlertNews.Repeat)]
    public void A_message_is_judged_by_what_is_known(IncidentAlertStatus known, AlertStatus status, int start, int? end, AlertNews expected) =>
        Assert.Equal(expected, Deduplication.Decide(SampleAlert.Known(known, LastSequence), Message(status, start, end), LastSequence + 1));

    [Theory]
    // The first that is heard of it.
    [InlineData(AlertStatus.Firing, AlertNews.New)]
    // Nobody saw it firing.
    [InlineData(AlertStatus.Resolved, AlertNews.ResolveWithoutFiring)]
    public void An_unknown_alert(AlertStatus status, AlertNews expected) =>
        Assert.Equal(expected, Deduplication.Decide(null, Message(status, 0, null), 1));

    [Theory]
    // The very message that was applied last comes again.
    [InlineData(LastSequence, AlertStatus.Firing, 0)]
    [InlineData(LastSequence, AlertStatus.Resolved, 0)]
    // An older one comes after it, whatever it says.
    [InlineData(LastSequence - 1, AlertStatus.Firing, 5)]
    [InlineData(LastSequence - 1, AlertStatus.Resolved, 5)]
    public void A_message_counts_once(long sequence, AlertStatus status, int start) =>
        Assert.All([60, 59], minute => Assert.Equal(AlertNews.AlreadyApplied, Deduplication.Decide(KnownSince(minute), Message(status, start, null), sequence)));

    [Theory]
    // A queue that was made anew counts from 1 again; its messages were received after all that is known.
    [InlineData(AlertStatus.Resolved, AlertNews.Recovered)]
    [InlineData(AlertStatus.Firing, AlertNews.Repeat)]
    public void A_lower_sequence_of_a_new_queue_is_news(AlertStatus status, AlertNews expected) =>
        Assert.Equal(expected, Deduplication.Decide(KnownSince(minute: 58), Message(status, 0, null), 1));

    private static IncidentAlert KnownSince(int minute) =>
        SampleAlert.Known(IncidentAlertStatus.Firing, LastSequence) with { LastSeenAt = Start.AddMinutes(minute) };

    private static Alert Message(AlertStatus status, int start, int? end) =>
        SampleAlert.Firing(SampleAlert.Pairs("alertname=A"), startsAt: Start.AddMinutes(start), receivedAt: Start.AddMinutes(60)) with
        {
            Status = status,
            EndsAt = end is { } minutes ? Start.AddMinutes(minutes) : null,
        };
}
