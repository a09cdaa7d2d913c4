using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>A page a short while ago holds the next one for the same failure: the same title in the same place, whichever pod, incident or key.</summary>
public sealed class CooldownTests
{
    private readonly IntakeDesk desk = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task F1_The_cooldown_holds_where_the_refire_opens_another_incident_after_the_close()
    {
        await PagedAndOverAsync("pod=1");
        await desk.Commands.SetStageAsync("INC-1", IncidentStage.Closed, new IncidentCommand("alice"), Token);
        desk.Clock.Advance(TimeSpan.FromMinutes(2));
        await FireAsync("pod=1");
        Assert.Equal(SampleAlert.Monday.AddMinutes(30), (await desk.IncidentsAsync())[1].HoldPageUntil);
        Assert.Equal(SampleAlert.Monday.AddMinutes(30), desk.Subscriber.Told[^1].HoldPageUntil);
    }

    [Fact]
    public async Task F1_A_cooldown_longer_than_the_reopen_window_holds_after_that()
    {
        desk.Reconfigure(new CorrelationConfiguration { ReopenWindow = TimeSpan.FromMinutes(5), Cooldown = TimeSpan.FromMinutes(60) });
        await PagedAndOverAsync("pod=1");
        desk.Clock.Advance(TimeSpan.FromMinutes(6));
        await FireAsync("pod=1");
        Assert.Equal(SampleAlert.Monday.AddMinutes(60), (await desk.IncidentsAsync())[1].HoldPageUntil);
    }

    [Fact]
    public async Task F1_The_cooldown_holds_though_another_incident_of_the_service_came_between()
    {
        await PagedAndOverAsync("pod=1");
        await desk.Commands.SetStageAsync("INC-1", IncidentStage.Closed, new IncidentCommand("alice"), Token);
        await desk.ReceiveAsync(Alert("alertname=Other;service=checkout"));
        await desk.ReceiveAsync(Resolved("alertname=Other;service=checkout"));
        await desk.Commands.SetStageAsync("INC-2", IncidentStage.Closed, new IncidentCommand("alice"), Token);
        await FireAsync("pod=1");
        Assert.NotNull((await desk.IncidentsAsync())[2].HoldPageUntil);
    }

    [Theory]
    // The exporter's pod was replaced.
    [InlineData("pod=2;instance=10.0.0.2:9100", true)]
    // Another place: somebody has to look.
    [InlineData("pod=1;environment=staging", false)]
    [InlineData("pod=1;region=eu-west", false)]
    [InlineData("pod=1;environment=production", true)]
    [InlineData("pod=1;environment=production;cluster=us", false)]
    public async Task D3_The_cooldown_goes_by_title_and_place_and_not_by_pod(string labels, bool isHeld)
    {
        await PagedAndOverAsync("pod=1;instance=10.0.0.1:9100");
        desk.Clock.Advance(TimeSpan.FromSeconds(1));
        await FireAsync(labels);
        Assert.Equal(isHeld, desk.Subscriber.Told[^1].HoldPageUntil is not null);
    }

    [Fact]
    public async Task D3_The_cooldown_holds_also_where_the_new_pod_has_a_correlation_key_of_its_own()
    {
        desk.Reconfigure(new CorrelationConfiguration { By = ["service", "pod"] });
        await PagedAndOverAsync("pod=1");
        await FireAsync("pod=2");
        Assert.NotNull((await desk.IncidentsAsync())[1].HoldPageUntil);
    }

    [Fact]
    public async Task D3_Another_pod_with_a_key_of_its_own_pages_while_the_first_still_fails()
    {
        desk.Reconfigure(new CorrelationConfiguration { By = ["service", "pod"] });
        await FireAsync("pod=1");
        await desk.PagedAsync("INC-1");
        await FireAsync("pod=2");
        Assert.Null((await desk.IncidentsAsync())[1].HoldPageUntil);
    }

    [Theory]
    // Another pod of what is held: held with it.
    [InlineData("alertname=A;service=checkout;pod=3", true)]
    // Another failure, and the same worse.
    [InlineData("alertname=B;service=checkout;pod=2", false)]
    [InlineData("alertname=A;service=checkout;pod=3;severity=SEV-1", false)]
    public async Task D3_What_joins_a_held_incident_is_held_where_it_was_paged_for(string labels, bool isHeld)
    {
        await PagedAndOverAsync("pod=1");
        await FireAsync("pod=2");
        Assert.NotNull((await desk.TheIncidentAsync()).HoldPageUntil);
        await desk.ReceiveAsync(Alert(labels));
        Assert.Equal(isHeld, (await desk.TheIncidentAsync()).HoldPageUntil is not null);
    }

    [Fact]
    public async Task D3_An_alert_that_failed_in_the_round_before_and_was_not_paged_for_in_this_one_lifts_the_hold()
    {
        desk.Reconfigure(new CorrelationConfiguration { ReopenWindow = TimeSpan.FromHours(2) });
        await desk.ReceiveAsync(Alert("alertname=B;service=checkout"));
        await desk.PagedAsync("INC-1");
        await desk.ReceiveAsync(Resolved("alertname=B;service=checkout"));
        desk.Clock.Advance(TimeSpan.FromMinutes(40));
        await FireAsync("pod=1");
        await desk.PagedAsync("INC-1");
        await desk.ReceiveAsync(Resolved("alertname=A;service=checkout;pod=1"));
        await FireAsync("pod=2");
        Assert.NotNull((await desk.TheIncidentAsync()).HoldPageUntil);

        await desk.ReceiveAsync(Alert("alertname=B;service=checkout"));
        Assert.Null((await desk.TheIncidentAsync()).HoldPageUntil);
    }

    [Fact]
    public async Task F1_What_a_person_judged_milder_pages_at_once_where_it_comes_back_as_bad_as_it_was()
    {
        await desk.ReceiveAsync(Alert("alertname=A;service=checkout;severity=SEV-1"));
        await desk.PagedAsync("INC-1");
        await desk.Commands.SetSeverityAsync("INC-1", Severity.Sev3, "one customer", new IncidentCommand("alice"), Token);
        await desk.ReceiveAsync(Resolved("alertname=A;service=checkout;severity=SEV-1"));
        await desk.Commands.SetStageAsync("INC-1", IncidentStage.Closed, new IncidentCommand("alice"), Token);
        await desk.ReceiveAsync(Alert("alertname=A;service=checkout;severity=SEV-1"));
        Assert.Null((await desk.IncidentsAsync())[1].HoldPageUntil);
    }

    [Fact]
    public async Task F1_What_nobody_was_paged_for_has_no_cooldown()
    {
        await FireAsync("pod=1");
        await desk.PagedAsync("INC-1");

        // It joined after the page went out.
        await desk.ReceiveAsync(Alert("alertname=B;service=checkout"));
        await desk.ReceiveAsync(Resolved("alertname=A;service=checkout;pod=1"), Resolved("alertname=B;service=checkout"));
        await desk.ReceiveAsync(Alert("alertname=B;service=checkout"));
        Assert.Equal((IncidentSignalKind.Reopened, null), (desk.Subscriber.Told[^1].Kind, desk.Subscriber.Told[^1].HoldPageUntil));
    }

    /// <summary>INC-1, paged for at 09:00, and over.</summary>
    private async Task PagedAndOverAsync(string labels)
    {
        await FireAsync(labels);
        await desk.PagedAsync("INC-1");
        await desk.ReceiveAsync(Resolved($"alertname=A;service=checkout;{labels}"));
        Assert.False((await desk.TheIncidentAsync()).IsOpen);
    }

    private Task FireAsync(string labels) => desk.ReceiveAsync(Alert($"alertname=A;service=checkout;{labels}"));

    private Alert Alert(string labels) => SampleAlert.Firing(SampleAlert.Pairs(labels), startsAt: desk.Clock.GetUtcNow(), receivedAt: desk.Clock.GetUtcNow());

    private Alert Resolved(string labels) => Alert(labels) with { Status = AlertStatus.Resolved, EndsAt = desk.Clock.GetUtcNow() };
}
