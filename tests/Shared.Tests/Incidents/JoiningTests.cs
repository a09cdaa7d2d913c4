using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>What a joining alert means: an acknowledgement never swallows a failure of something else.</summary>
public sealed class JoiningTests
{
    private static readonly DateTimeOffset Now = SampleAlert.Monday;

    [Theory]
    // Nobody has it yet: whoever is paged sees it.
    [InlineData(false, AlertNews.New, "namespace b", Severity.Sev1, false, JoinEffect.None)]
    [InlineData(false, AlertNews.New, null, Severity.Sev1, true, JoinEffect.None)]
    // Acknowledged: told.
    [InlineData(true, AlertNews.New, null, Severity.Sev1, false, JoinEffect.Told)]
    // Fired elsewhere: pages.
    [InlineData(true, AlertNews.New, "namespace b", Severity.Sev3, false, JoinEffect.Widens)]
    // Also where the incident knew the alert, and not the place in this round.
    [InlineData(true, AlertNews.Refired, "namespace b", Severity.Sev3, false, JoinEffect.Widens)]
    // What alone wakes nobody widens nothing.
    [InlineData(true, AlertNews.New, "namespace b", Severity.Sev4, false, JoinEffect.Told)]
    // Worse: the rise pages, wherever it is.
    [InlineData(true, AlertNews.New, null, Severity.Sev1, true, JoinEffect.Raises)]
    [InlineData(true, AlertNews.New, "namespace b", Severity.Sev1, true, JoinEffect.Raises)]
    // An alert that comes and goes is no news to who has it.
    [InlineData(true, AlertNews.Refired, null, Severity.Sev1, false, JoinEffect.None)]
    public void D1_An_effect_is_decided_by_what_the_alert_adds(
        bool acknowledged, AlertNews news, string? adds, Severity severity, bool rises, JoinEffect expected)
    {
        var incident = SampleIncident.Create(1, Severity.Sev2, "2026-01-05T09:00") with { EscalationAcknowledgedAt = acknowledged ? Now : null };
        Assert.Equal(expected, Joining.Decide(incident, news, adds, severity, rises));
    }

    [Theory]
    // The same place.
    [InlineData("checkout", "a", "eu", null, null)]
    // Case is no place.
    [InlineData("checkout", "A", "EU", null, null)]
    // Another of each kind.
    [InlineData("search", "a", "eu", null, "service search")]
    [InlineData("checkout", "b", "eu", null, "namespace b")]
    [InlineData("checkout", "a", "us", null, "region us")]
    // Nothing named adds nothing.
    [InlineData("checkout", null, null, null, null)]
    // The first that is named makes it clearer, not wider.
    [InlineData("checkout", "a", "eu", "db-1", null)]
    public void D1_A_reach_knows_what_is_new_in_it(string service, string? place, string? region, string? host, string? expected)
    {
        var reach = IncidentReach.Empty.With(new AlertScope("checkout", "production", "eu", "a"));
        Assert.Equal(expected, reach.Adds(new AlertScope(service, "production", region, place, host)));
    }

    [Fact]
    public void D1_A_reach_is_bounded_and_then_nothing_widens_it()
    {
        var reach = Enumerable.Range(0, 200).Aggregate(
            IncidentReach.Empty, (held, number) => held.With(new AlertScope("checkout", "production", Namespace: $"n{number}")));
        Assert.Equal(IncidentReach.MaxValues, reach.Namespaces.Count);
        Assert.Null(reach.Adds(new AlertScope("checkout", "production", Namespace: "another")));
    }

    [Fact]
    public async Task D1_Another_namespace_that_joins_an_acknowledged_incident_pages()
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing("alertname=A;severity=critical;service=checkout;namespace=batch"));
        await desk.AcknowledgeAsync("INC-1", "alice");
        await desk.RunForAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(["alice INC-1"], desk.Pages);

        await desk.WebhookAsync(desk.Firing("alertname=B;severity=critical;service=checkout;namespace=payments"));
        Assert.Equal(["alice INC-1", "alice INC-1"], desk.Pages);
        Assert.Contains(
            "Widened: B fired in another place: namespace payments. The acknowledgement doesn't cover it; paging again.", await desk.TimelineAsync());

        // The ladder climbs as after any page.
        await desk.RunForAsync(TimeSpan.FromMinutes(6));
        Assert.Equal("bob INC-1", desk.Pages.Last());
        await desk.AcknowledgeAsync("INC-1", "bob");
        await desk.WebhookAsync(desk.Firing("alertname=C;severity=critical;service=checkout;namespace=payments"));
        await desk.RunForAsync(TimeSpan.FromHours(1));
        Assert.Equal(3, desk.Pages.Count());
    }

    [Theory]
    [InlineData("service=checkout;region=eu", "service=checkout;region=us")]
    [InlineData("alertname=NodeDown;job=node;instance=db-1:9100", "alertname=NodeDown;job=node;instance=web-1:9100")]
    [InlineData("alertname=ProbeFailed;job=blackbox;instance=https://a.example.org", "alertname=ProbeFailed;job=blackbox;instance=https://b.example.org")]
    public async Task D1_Whatever_widens_it_pages(string first, string second)
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing($"severity=warning;{first}"));
        await desk.AcknowledgeAsync("INC-1", "alice");
        await desk.WebhookAsync(desk.Firing($"severity=warning;{second}"));

        Assert.Equal(2, (await desk.TheIncidentAsync()).FiringAlerts);
        Assert.Equal(["alice INC-1", "alice INC-1"], desk.Pages);
    }

    [Theory]
    // The very place that was acknowledged is told, another pages.
    [InlineData("namespace=batch", 1)]
    [InlineData("namespace=payments", 2)]
    public async Task D1_An_incident_stored_without_its_reach_reaches_as_far_as_its_alerts(string place, int pages)
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing("alertname=A;severity=critical;service=checkout;namespace=batch"));
        await desk.AcknowledgeAsync("INC-1", "alice");
        await desk.Store.EditAsync("INC-1", change => change.Head = change.Head with { Reach = null }, TestContext.Current.CancellationToken);

        await desk.WebhookAsync(desk.Firing($"alertname=B;severity=critical;service=checkout;{place}"));
        Assert.Equal(pages, desk.Pages.Count());
    }

    [Theory]
    [InlineData("environment=production;cluster=eu", "environment=production;cluster=us", 2)]
    // The environment where the correlation key lacks it.
    [InlineData("environment=production", "environment=staging", 2)]
    // Nothing else, and no cluster named.
    [InlineData("environment=production;cluster=eu", "environment=production;cluster=EU", 1)]
    [InlineData("environment=production;cluster=eu", "environment=production", 1)]
    // The cluster is the environment itself.
    [InlineData("environment=production;cluster=prod", "environment=production", 1)]
    [InlineData("cluster=eu", "environment=eu;cluster=eu", 1)]
    public async Task D1_Another_cluster_or_environment_pages(string first, string second, int pages)
    {
        await using var desk = new AlertDesk(AlertDesk.Default with { Correlation = new CorrelationConfiguration { By = ["service"] } });
        await desk.WebhookAsync(desk.Firing($"alertname=A;severity=critical;service=checkout;{first}"));
        await desk.AcknowledgeAsync("INC-1", "alice");
        await desk.WebhookAsync(desk.Firing($"alertname=B;severity=critical;service=checkout;{second}"));

        Assert.Equal(2, (await desk.TheIncidentAsync()).FiringAlerts);
        Assert.Equal(pages, desk.Pages.Count());
    }

    [Fact]
    public async Task D1_What_only_joins_is_told_once_in_five_minutes_and_pages_nobody()
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing("alertname=A;severity=critical;service=checkout"));
        await desk.AcknowledgeAsync("INC-1", "bob");
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        for (var number = 0; number < 30; number++)
        {
            await desk.WebhookAsync(desk.Firing($"alertname=B{number};severity=critical;service=checkout"));
        }

        Assert.Equal("B0", JoinedNames(Assert.Single(desk.SentAs(NotificationPurpose.AlertsJoined))));
        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        var notices = desk.SentAs(NotificationPurpose.AlertsJoined).ToList();
        Assert.Equal(2, notices.Count);
        Assert.StartsWith("29 alerts joined after the acknowledgement: B1, B2, B3 and 17 more, 9 others.", notices[1].Text.Split('\n')[1], StringComparison.Ordinal);
        Assert.All(notices, notice => Assert.Equal("bob", notice.PersonId));
        Assert.Single(desk.Pages);
        Assert.Equal(2, (await desk.TimelineAsync()).Count(line => line.EndsWith("Told bob.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task D1_Commander_and_acknowledger_are_both_told()
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing("alertname=A;severity=critical;service=checkout"));
        await desk.AcknowledgeAsync("INC-1", "bob");
        await desk.Store.EditAsync("INC-1", change => change.Head = change.Head with { Commander = "alice" }, TestContext.Current.CancellationToken);
        await desk.WebhookAsync(desk.Firing("alertname=B;severity=critical;service=checkout"));

        Assert.Equal(["alice", "bob"], desk.SentAs(NotificationPurpose.AlertsJoined).Select(notice => notice.PersonId).Order());
    }

    [Fact]
    public async Task D1_What_joins_before_the_acknowledgement_is_on_the_timeline_only()
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(desk.Firing("alertname=A;severity=critical;service=checkout;namespace=a"));
        await desk.WebhookAsync(desk.Firing("alertname=B;severity=critical;service=checkout;namespace=b"));
        await desk.AcknowledgeAsync("INC-1", "alice");
        await desk.WebhookAsync(desk.Firing("alertname=C;severity=critical;service=checkout;namespace=b"));

        Assert.Single(desk.Pages);
        Assert.Equal("C", JoinedNames(Assert.Single(desk.SentAs(NotificationPurpose.AlertsJoined))));
    }

    [Fact]
    public async Task D1_A_reopened_incident_reaches_as_far_as_its_new_round()
    {
        await using var desk = new AlertDesk();
        const string elsewhere = "alertname=B;severity=critical;service=checkout;namespace=b";
        await desk.WebhookAsync(desk.Firing("alertname=A;severity=critical;service=checkout;namespace=a"), desk.Firing(elsewhere));
        await desk.WebhookAsync(desk.Resolved("alertname=A;severity=critical;service=checkout;namespace=a"), desk.Resolved(elsewhere));
        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        await desk.WebhookAsync(desk.Firing("alertname=C;severity=critical;service=checkout;namespace=a"));
        await desk.AcknowledgeAsync("INC-1", "alice");
        var before = desk.Pages.Count();

        await desk.WebhookAsync(desk.Firing(elsewhere));
        Assert.Equal(before + 1, desk.Pages.Count());
    }

    private static string JoinedNames(Notification notice) => notice.Text.Split("acknowledgement: ")[1].TrimEnd('.');
}
