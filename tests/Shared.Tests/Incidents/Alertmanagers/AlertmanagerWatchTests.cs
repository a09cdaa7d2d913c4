using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Incidents;
using Pipeline.Incidents.Alertmanagers;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents.Alertmanagers;

/// <summary>An alert that is silenced in Alertmanager and then ends is never resolved by a message. The desk's webhooks say that they come from one.</summary>
public sealed class AlertmanagerWatchTests
{
    private const string Labels = "alertname=A;severity=critical;service=checkout";
    private static readonly string Fingerprint = Pipeline.Alerts.Fingerprint.Of(SampleAlert.Pairs(Labels));
    private static readonly DateTimeOffset Now = SampleAlert.Monday;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // It is there.
    [InlineData("active", -60, null, AskedAnswer.Fires)]
    [InlineData("suppressed", -60, null, AskedAnswer.Suppressed)]
    // It isn't: the first time, too soon after it, and five minutes after.
    [InlineData(null, -60, null, AskedAnswer.Missing)]
    [InlineData(null, -60, -4, AskedAnswer.Missing)]
    [InlineData(null, -60, -5, AskedAnswer.Gone)]
    // Alertmanager was started after the alert was heard of, and may have forgotten it.
    [InlineData(null, -29, -5, AskedAnswer.Unproven)]
    // Or before it by less than their clocks may differ.
    [InlineData(null, -30, -5, AskedAnswer.Unproven)]
    [InlineData(null, -31, -5, AskedAnswer.Gone)]
    // Or just now.
    [InlineData(null, -4, null, AskedAnswer.Unproven)]
    public void D24_Only_what_is_missing_twice_is_gone(string? state, int startedAt, int? missingSince, AskedAnswer expected)
    {
        var alert = SampleAlert.Known(IncidentAlertStatus.Firing) with
        {
            LastSeenAt = Now.AddMinutes(-30),
            Asked = missingSince is { } since ? new AskedState(MissingSince: Now.AddMinutes(since)) : null,
        };
        AlertmanagerAlert? has = state is null ? null : new AlertmanagerAlert(state == "suppressed");
        Assert.Equal(expected, AskedAlert.Decide(alert, has, Now.AddMinutes(startedAt), Now));
    }

    [Fact]
    public async Task D24_What_was_silenced_and_then_recovered_is_resolved()
    {
        await using var alertmanager = await LoopbackAlertmanager.StartAsync(Now.AddDays(-1), Token);
        await using var desk = Desk(alertmanager);
        await desk.WebhookAsync(desk.Firing(Labels));
        await desk.AcknowledgeAsync("INC-1", "alice");
        alertmanager.Has(Fingerprint, suppressed: true);
        await desk.RunForAsync(TimeSpan.FromHours(12));
        Assert.True((await desk.TheIncidentAsync()).IsOpen);
        var timeline = await desk.TimelineAsync();
        Assert.Single(timeline, line => line == "Held back by a silence or an inhibition, and still firing in Alertmanager: A.");
        Assert.DoesNotContain(timeline, line => line.StartsWith("Stale", StringComparison.Ordinal));

        alertmanager.Forgets(Fingerprint);
        await desk.RunForAsync(TimeSpan.FromMinutes(5));
        Assert.True((await desk.TheIncidentAsync()).IsOpen);
        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        Assert.Equal((IncidentStage.Resolved, 0), ((await desk.TheIncidentAsync()).Stage, (await desk.TheIncidentAsync()).FiringAlerts));
        Assert.Contains(
            "Recovered: A; 0 still firing. No resolve came; Alertmanager was asked twice and no longer had it.", await desk.TimelineAsync());

        // Its resolve comes after all.
        await desk.WebhookAsync(desk.Resolved(Labels));
        Assert.Equal(1, (await desk.TheIncidentAsync()).Round);
    }

    [Fact]
    public async Task D24_An_Alertmanager_with_an_empty_memory_resolves_nothing()
    {
        await using var alertmanager = await LoopbackAlertmanager.StartAsync(Now.AddDays(-1), Token);
        await using var desk = Desk(alertmanager);
        await desk.WebhookAsync(desk.Firing(Labels));
        await desk.RunForAsync(TimeSpan.FromMinutes(11));
        alertmanager.StartedAt = desk.Clock.GetUtcNow();
        await desk.RunForAsync(TimeSpan.FromHours(2));

        Assert.InRange(alertmanager.Asked, 20, 30);
        Assert.Equal((true, 1), ((await desk.TheIncidentAsync()).IsOpen, (await desk.TheIncidentAsync()).FiringAlerts));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task D24_Several_behind_one_address_resolve_nothing_and_the_log_says_so(int others)
    {
        await using var alertmanager = await LoopbackAlertmanager.StartAsync(Now.AddDays(-1), Token);
        alertmanager.Has(Fingerprint);
        alertmanager.Others = [.. Enumerable.Range(2, others).Select(days => Now.AddDays(-days))];
        await using var desk = Desk(alertmanager);
        await desk.WebhookAsync(desk.Firing(Labels));
        await desk.RunForAsync(TimeSpan.FromHours(2));

        Assert.InRange(alertmanager.Asked, 20, 30);
        Assert.True((await desk.TheIncidentAsync()).IsOpen);
        Assert.Contains(desk.Log.Entries, entry => entry.Kind == (133, LogLevel.Warning));
    }

    [Fact]
    public async Task D24_More_alerts_than_one_change_takes_are_resolved_over_several()
    {
        await using var alertmanager = await LoopbackAlertmanager.StartAsync(Now.AddDays(-1), Token);
        await using var desk = Desk(alertmanager);
        var text = $"description={new string('x', 26 * 1024)}";
        for (var number = 0; number < 85; number++)
        {
            await desk.WebhookAsync(desk.Firing($"alertname=A{number};severity=critical;service=checkout", annotations: text));
        }

        Assert.Equal(85, (await desk.TheIncidentAsync()).FiringAlerts);
        await desk.RunForAsync(TimeSpan.FromHours(1));
        Assert.DoesNotContain(desk.Log.Entries, entry => entry.Kind == (130, LogLevel.Error));
        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
    }

    [Theory]
    // It can't be understood, or refuses.
    [InlineData("[{]", null)]
    [InlineData("{}", null)]
    [InlineData("[{\"fingerprint\":\"f\"}]", null)]
    [InlineData(null, "Bearer something else")]
    public async Task D24_An_Alertmanager_that_gives_no_answer_resolves_nothing_and_the_log_says_so(string? body, string? authorization)
    {
        await using var alertmanager = await LoopbackAlertmanager.StartAsync(Now.AddDays(-1), Token);
        (alertmanager.Body, alertmanager.Authorization) = (body, authorization);
        await using var desk = Desk(alertmanager);
        await desk.WebhookAsync(desk.Firing(Labels));
        await desk.RunForAsync(TimeSpan.FromHours(1));

        Assert.True((await desk.TheIncidentAsync()).IsOpen);
        Assert.Contains(desk.Log.Entries, entry => entry.Kind == (131, LogLevel.Warning));
    }

    [Theory]
    [InlineData("env:AM_TOKEN", null, null, "Bearer s3cret")]
    [InlineData(null, "pipeline", "env:AM_TOKEN", "Basic cGlwZWxpbmU6czNjcmV0")]
    public async Task D24_It_is_asked_with_its_token_or_password(string? token, string? username, string? password, string expected)
    {
        await using var alertmanager = await LoopbackAlertmanager.StartAsync(Now.AddDays(-1), Token);
        alertmanager.Authorization = expected;
        await using var desk = Desk(alertmanager, one => one with { Token = token, Username = username, Password = password });
        await desk.WebhookAsync(desk.Firing(Labels));
        await desk.RunForAsync(TimeSpan.FromHours(1));

        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
        Assert.DoesNotContain(desk.Log.Entries, entry => entry.Text.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task D24_Only_Alertmanagers_of_the_configuration_are_asked()
    {
        await using var alertmanager = await LoopbackAlertmanager.StartAsync(Now.AddDays(-1), Token);
        await using var desk = Desk(alertmanager);
        await desk.PostAsync(
            AlertSources.Alertmanager, $$"""{"externalURL":"http://attacker.example.org","alerts":[{{desk.Firing(Labels)}}]}""");
        await desk.RunForAsync(TimeSpan.FromHours(1));

        Assert.Equal(0, alertmanager.Asked);
        Assert.True((await desk.TheIncidentAsync()).IsOpen);
    }

    [Fact]
    public async Task D24_The_others_of_an_incident_fire_on()
    {
        await using var alertmanager = await LoopbackAlertmanager.StartAsync(Now.AddDays(-1), Token);
        await using var desk = Desk(alertmanager);
        const string other = "alertname=B;severity=critical;service=checkout";
        await desk.WebhookAsync(desk.Firing(Labels), desk.Firing(other));
        alertmanager.Has(Pipeline.Alerts.Fingerprint.Of(SampleAlert.Pairs(other)));
        await desk.RunForAsync(TimeSpan.FromHours(1));

        Assert.Equal((true, 1), ((await desk.TheIncidentAsync()).IsOpen, (await desk.TheIncidentAsync()).FiringAlerts));
    }

    private static AlertDesk Desk(
        LoopbackAlertmanager alertmanager, Func<AlertmanagerConfiguration, AlertmanagerConfiguration>? configure = null)
    {
        var asked = new AlertmanagerConfiguration(alertmanager.Url) { ExternalUrl = new Uri("http://alertmanager.example.org:9093/") };
        var configuration = AlertDesk.Default with { Intake = new IntakeConfiguration { Alertmanagers = [configure?.Invoke(asked) ?? asked] } };
        return new AlertDesk(configuration, services => services.AddSingleton(new SecretSource(name => name == "env:AM_TOKEN" ? "s3cret" : null)));
    }
}
