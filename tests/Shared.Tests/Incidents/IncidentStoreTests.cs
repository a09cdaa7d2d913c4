using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;
using static Pipeline.Shared.Tests.Incidents.IntakeDesk;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class IncidentStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // A dead letter of last week, sent on its way again.
    [InlineData(-5)]
    // Of last year.
    [InlineData(-370)]
    // Inside the period, but older than the incident before it.
    [InlineData(-1)]
    public async Task F13_One_incident_of_an_old_alert_ends_no_listing_of_a_period(int detectedDay)
    {
        var desk = new IntakeDesk();
        await desk.ReceiveAsync(Firing("A", service: "one"));
        desk.Clock.Advance(TimeSpan.FromDays(3));
        var received = SampleAlert.Monday.AddDays(detectedDay);
        await desk.ReceiveAsync(Firing("B", service: "two", startsAt: received) with { ReceivedAt = received });

        var found = await desk.Store.DetectedAsync(SampleAlert.Monday.AddDays(-2), SampleAlert.Monday.AddDays(6), Token)
            .Select(incident => incident.Id).ToListAsync(Token);
        Assert.Equal(detectedDay > -2 ? ["INC-2", "INC-1"] : ["INC-1"], found);
    }
}
