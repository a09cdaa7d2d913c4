using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class LeadAlertTests
{
    private const string Pod = "alertname=KubePodCrashLooping;severity=warning;job=kube-state-metrics;container=app;namespace=payments;pod=api-7d9f5c6b4-x2x9k";

    [Theory]
    // What its sender wrote for people.
    [InlineData("summary=Pod is crash looping.;description=Pod payments/api is in waiting state", "Pod payments/api is in waiting state")]
    [InlineData("message=17% of requests fail", "17% of requests fail")]
    // Nothing, blanks, or the title again: the labels that tell it apart.
    [InlineData("", "namespace=payments, pod=api-7d9f5c6b4-x2x9k, container=app")]
    [InlineData("description=  ", "namespace=payments, pod=api-7d9f5c6b4-x2x9k, container=app")]
    [InlineData("summary=Pod is crash looping.;description=Pod is crash looping.", "namespace=payments, pod=api-7d9f5c6b4-x2x9k, container=app")]
    public void D8_The_detail_is_the_description_or_the_labels_that_tell_apart(string annotations, string expected) =>
        Assert.Equal(expected, LeadAlert.Of(SampleAlert.Firing(SampleAlert.Pairs(Pod), SampleAlert.Pairs(annotations))).Detail);

    [Theory]
    [InlineData("https://runbooks.example.org/KubePodCrashLooping", "https://runbooks.example.org/KubePodCrashLooping")]
    // Nothing that a click could do harm with, and no password.
    [InlineData("javascript:alert(1)", null)]
    [InlineData("mailto:a@example.org", null)]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("https://user:secret@example.org/", null)]
    [InlineData("/relative", null)]
    [InlineData("https://example.org/a\nb", "https://example.org/a%0Ab")]
    public void D8_An_address_is_passed_on_where_it_can_be_followed(string address, string? expected)
    {
        var alert = SampleAlert.Firing(SampleAlert.Pairs(Pod), new Dictionary<string, string>(StringComparer.Ordinal) { ["runbook_url"] = address });
        Assert.Equal((expected, expected), (LeadAlert.Of(alert).Runbook, LeadAlert.Of(alert with { GeneratorUrl = address }).Source));
    }

    [Fact]
    public void D8_Nothing_to_tell_is_told_by_no_line() =>
        Assert.Empty(LeadAlert.Of(SampleAlert.Firing(SampleAlert.Pairs("alertname=A;severity=critical;service=checkout"))).Lines());

    [Fact]
    public async Task D8_A_page_says_what_fails_and_where_to_read_on()
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Alert(
            Pod,
            status: "firing",
            annotations: "summary=Pod is crash looping.;description=Pod payments/api-7d9f5c6b4-x2x9k (app) is in waiting state;runbook_url=https://runbooks.example.org/crash",
            generator: "http://prometheus.example.org:9090/graph?g0.expr=up"));

        var page = Assert.Single(desk.SentAs(Pipeline.Notifications.NotificationPurpose.Page));
        Assert.Equal("SEV-3 INC-1: Pod is crash looping.", page.Title);
        Assert.Equal(
            [
                "Pod payments/api-7d9f5c6b4-x2x9k (app) is in waiting state",
                "Runbook: https://runbooks.example.org/crash",
                "Source: http://prometheus.example.org:9090/graph?g0.expr=up",
            ],
            page.Text.Split('\n').Take(3));
        Assert.StartsWith("payments/api in production, since 2026-01-05 09:00 UTC. 1 firing. Severity from label severity=warning.", page.Text.Split('\n')[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task D8_The_alert_that_raised_or_widened_it_is_the_one_that_the_page_tells_of()
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing("alertname=A;severity=warning;service=checkout;namespace=a", annotations: "description=first"));
        await desk.WebhookAsync(desk.Firing("alertname=B;severity=critical;service=checkout;namespace=a", annotations: "description=worse"));
        Assert.Equal("worse", (await desk.TheIncidentAsync()).Lead?.Detail);
        await desk.AcknowledgeAsync("INC-1", "alice");
        await desk.WebhookAsync(desk.Firing("alertname=C;severity=critical;service=checkout;namespace=b", annotations: "description=elsewhere"));
        Assert.StartsWith("elsewhere\n", desk.SentAs(Pipeline.Notifications.NotificationPurpose.Page).Last().Text, StringComparison.Ordinal);
    }
}
