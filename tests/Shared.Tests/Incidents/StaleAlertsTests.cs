using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Silence is not recovery. Stale after 300 minutes; times in minutes after the last message.</summary>
public sealed class StaleAlertsTests
{
    private static readonly DateTimeOffset LastSeen = SampleAlert.Monday;

    [Theory]
    // Alertmanager names no end: it counts from the last message.
    [InlineData(IncidentAlertStatus.Firing, null, 299, false)]
    [InlineData(IncidentAlertStatus.Firing, null, 300, true)]
    // Prometheus names the time until which it counts.
    [InlineData(IncidentAlertStatus.Firing, 4, 3, false)]
    [InlineData(IncidentAlertStatus.Firing, 4, 4, true)]
    // Also where that is later than the general bound.
    [InlineData(IncidentAlertStatus.Firing, 400, 399, false)]
    // What doesn't fire doesn't become stale.
    [InlineData(IncidentAlertStatus.Resolved, null, 9999, false)]
    // It is already.
    [InlineData(IncidentAlertStatus.Stale, null, 9999, false)]
    public void An_alert_becomes_stale(IncidentAlertStatus status, int? ends, int now, bool expected)
    {
        var alert = SampleAlert.Known(status) with { EndsAt = ends is { } minutes ? LastSeen.AddMinutes(minutes) : null };
        Assert.Equal(expected, StaleAlerts.IsStale(alert, LastSeen.AddMinutes(now), TimeSpan.FromMinutes(300)));
    }
}
