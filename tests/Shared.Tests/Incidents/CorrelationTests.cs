using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>The reopen window is the default's 30 minutes.</summary>
public sealed class CorrelationTests
{
    private static readonly CorrelationConfiguration Defaults = new();
    private static readonly DateTimeOffset ResolvedAt = SampleAlert.Monday;

    [Theory]
    // The default: service and environment.
    [InlineData("service,environment", "alertname=A;service=checkout;region=eu", "service=checkout,environment=production")]
    // Another alert of the service is the same incident, by whatever label it names the service.
    [InlineData("service,environment", "alertname=B;app=checkout", "service=checkout,environment=production")]
    // Another environment is not.
    [InlineData("service,environment", "alertname=A;service=checkout;env=test", "service=checkout,environment=test")]
    // The region, where it is asked for.
    [InlineData("service,region", "service=checkout;region=eu", "service=checkout,region=eu")]
    // Any label can be part; a missing one is empty.
    [InlineData("service,cluster", "service=checkout;cluster=c1", "service=checkout,cluster=c1")]
    [InlineData("service,cluster", "service=checkout", "service=checkout,cluster=")]
    [InlineData("service,region", "service=checkout", "service=checkout,region=")]
    // Alerts without a service stay apart by their names.
    [InlineData("service,environment", "alertname=A", "service=unknown,environment=production,alertname=A")]
    [InlineData("service,environment", "alertname=B", "service=unknown,environment=production,alertname=B")]
    public void The_key_says_which_alerts_are_one_incident(string by, string labels, string expected) =>
        Assert.Equal(expected, Correlation.Key(Alert(labels), Defaults with { By = by.Split(',') }));

    [Fact]
    public void The_session_of_a_key_fits_every_queue()
    {
        var longest = Alert("service=" + new string('x', 5000));
        Assert.Equal(32, Correlation.SessionOf(longest, Defaults).Length);
        Assert.NotEqual(Correlation.SessionOf(longest, Defaults), Correlation.SessionOf(Alert("service=x"), Defaults));
    }

    [Theory]
    // The first failure of its key.
    [InlineData(AlertNews.New, CorrelationDecision.Open)]
    // A resolve that nothing is known of begins nothing.
    [InlineData(AlertNews.ResolveWithoutFiring, CorrelationDecision.Ignore)]
    public void Without_an_incident(AlertNews news, CorrelationDecision expected) =>
        Assert.Equal(expected, Correlation.Decide(null, news, ResolvedAt, Defaults.ReopenWindow));

    [Theory]
    // Whatever it is, it belongs to the incident that is open.
    [InlineData(IncidentStage.Detected)]
    [InlineData(IncidentStage.Investigating)]
    [InlineData(IncidentStage.Identified)]
    [InlineData(IncidentStage.Monitoring)]
    public void An_open_incident_takes_everything_in(IncidentStage stage) =>
        Assert.All(Enum.GetValues<AlertNews>(), news =>
            Assert.Equal(CorrelationDecision.Join, Correlation.Decide(Over(stage) with { ResolvedAt = null }, news, ResolvedAt, Defaults.ReopenWindow)));

    [Theory]
    // Just resolved: the failure is back.
    [InlineData(IncidentStage.Resolved, 0, AlertNews.New, CorrelationDecision.Reopen)]
    [InlineData(IncidentStage.Resolved, 0, AlertNews.Refired, CorrelationDecision.Reopen)]
    // The last second of the window.
    [InlineData(IncidentStage.Resolved, 1799, AlertNews.New, CorrelationDecision.Reopen)]
    [InlineData(IncidentStage.Resolved, 1799, AlertNews.Refired, CorrelationDecision.Reopen)]
    // The window's end is outside it.
    [InlineData(IncidentStage.Resolved, 1800, AlertNews.New, CorrelationDecision.Open)]
    [InlineData(IncidentStage.Resolved, 1800, AlertNews.Refired, CorrelationDecision.Open)]
    // Closed is closed, also inside the window.
    [InlineData(IncidentStage.Closed, 60, AlertNews.New, CorrelationDecision.Open)]
    [InlineData(IncidentStage.Closed, 60, AlertNews.Refired, CorrelationDecision.Open)]
    // What is no new failure is counted where the alert is.
    [InlineData(IncidentStage.Resolved, 60, AlertNews.Repeat, CorrelationDecision.Join)]
    [InlineData(IncidentStage.Resolved, 1800, AlertNews.Repeat, CorrelationDecision.Join)]
    [InlineData(IncidentStage.Closed, 1800, AlertNews.Recovered, CorrelationDecision.Join)]
    [InlineData(IncidentStage.Resolved, 60, AlertNews.AlreadyApplied, CorrelationDecision.Join)]
    [InlineData(IncidentStage.Resolved, 60, AlertNews.ResolveWithoutFiring, CorrelationDecision.Join)]
    [InlineData(IncidentStage.Resolved, 60, AlertNews.ResolveOfEarlierEpisode, CorrelationDecision.Join)]
    public void An_incident_that_is_over(IncidentStage stage, int secondsAfter, AlertNews news, CorrelationDecision expected) =>
        Assert.Equal(expected, Correlation.Decide(Over(stage), news, ResolvedAt.AddSeconds(secondsAfter), Defaults.ReopenWindow));

    [Theory]
    // A person resolved over it; inside the window that is what they meant.
    [InlineData(IncidentStage.Resolved, IncidentAlertStatus.Firing, AlertNews.Repeat, 1799, false)]
    // It still fires when the window ends: a failure of its own.
    [InlineData(IncidentStage.Resolved, IncidentAlertStatus.Firing, AlertNews.Repeat, 1800, true)]
    // The same after the close, and for an alert that was silent in between.
    [InlineData(IncidentStage.Closed, IncidentAlertStatus.Firing, AlertNews.Repeat, 1800, true)]
    [InlineData(IncidentStage.Resolved, IncidentAlertStatus.Stale, AlertNews.Repeat, 1800, true)]
    // A repeated resolve is no failure.
    [InlineData(IncidentStage.Resolved, IncidentAlertStatus.Resolved, AlertNews.Repeat, 1800, false)]
    // Its recovery neither.
    [InlineData(IncidentStage.Resolved, IncidentAlertStatus.Firing, AlertNews.Recovered, 1800, false)]
    // A message that was applied before says nothing.
    [InlineData(IncidentStage.Resolved, IncidentAlertStatus.Firing, AlertNews.AlreadyApplied, 1800, false)]
    // The incident is open: nothing to outlive.
    [InlineData(IncidentStage.Monitoring, IncidentAlertStatus.Firing, AlertNews.Repeat, 1800, false)]
    public void An_alert_that_outlives_its_incident(
        IncidentStage stage, IncidentAlertStatus known, AlertNews news, int secondsAfter, bool expected) =>
        Assert.Equal(expected, Correlation.OutlivesItsIncident(
            Over(stage), SampleAlert.Known(known), news, ResolvedAt.AddSeconds(secondsAfter), Defaults.ReopenWindow));

    private static Alert Alert(string labels) => SampleAlert.Firing(SampleAlert.Pairs(labels));

    private static Incident Over(IncidentStage stage) =>
        SampleIncident.Create(1, Severity.Sev1, "2026-01-05T08:00", resolved: "2026-01-05T09:00") with { Stage = stage };
}
