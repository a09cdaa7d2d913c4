using Pipeline.Escalation;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Escalation;

/// <summary>A severity that rises pages at once, whatever the escalation is doing. Everything begins at 09:00; the ladder is Bob, then Alice.</summary>
public sealed class EscalationRaiseTests
{
    private const string RaisedByAlice = "Raised to SEV-1 by Alice Chen: looked closer.";

    private static readonly TimelineKind[] PageKinds =
        [TimelineKind.Paging, TimelineKind.PageFailed, TimelineKind.PageWithheld, TimelineKind.EscalationEnded];

    private static readonly EscalationPolicyConfiguration Policy = new(
        PipelineConfiguration.DefaultPolicy,
        [new EscalationLevel("primary", ["bob"], TimeSpan.FromMinutes(5)), new EscalationLevel("secondary", ["alice"], TimeSpan.FromMinutes(10))],
        Repeat: 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task D7_A_rise_before_the_acknowledgement_pages_the_present_level_again_and_names_who_raised_it()
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev3);
        await desk.RunForAsync(TimeSpan.FromMinutes(2));
        await desk.SetSeverityAsync(Severity.Sev1);
        Assert.Equal(["09:00 Paging Bob Ito (primary).", $"09:02 Paging Bob Ito again (primary). {RaisedByAlice}"], await desk.LinesAsync(PageKinds));
        var page = (await desk.SentAsync(NotificationPurpose.Page))[^1];
        Assert.Equal("SEV-1 INC-1: Checkout fails", page.Title);
        Assert.Contains(RaisedByAlice, page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D7_A_rise_by_an_alert_names_the_alert()
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev3);
        await desk.ChangeAsync(change => IncidentTransitions.SetSeverity(change, Severity.Sev1, "label severity=critical", by: null, "DiskFull"));
        Assert.Contains(
            "Raised to SEV-1 by DiskFull (label severity=critical).",
            (await desk.SentAsync(NotificationPurpose.Page))[^1].Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task D7_A_rise_at_the_second_level_pages_the_second_level_again()
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev3);
        await desk.RunForAsync(TimeSpan.FromMinutes(6));
        await desk.SetSeverityAsync(Severity.Sev1);
        Assert.Equal($"09:06 Paging Alice Chen again (secondary). {RaisedByAlice}", (await desk.LinesAsync(PageKinds))[^1]);
        await desk.AcknowledgeAsync("alice");
        await desk.RunForAsync(TimeSpan.FromHours(1));
        Assert.Equal("09:06 Escalation ended: acknowledged.", (await desk.LinesAsync(PageKinds))[^1]);
    }

    [Theory]
    // Twice and quickly: one page for each severity.
    [InlineData("2,1", 3)]
    // Down and up again: that severity was paged for.
    [InlineData("1,3,1", 2)]
    // A step on the way up that is milder than what was paged for.
    [InlineData("1,3,2", 2)]
    // Down only.
    [InlineData("4", 1)]
    public async Task D7_A_level_is_paged_once_for_a_severity(string severities, int pages)
    {
        using var desk = Desk(Policy with { Pages = Severities.All });
        await desk.OpenAsync(Severity.Sev3);
        foreach (var severity in severities.Split(','))
        {
            await desk.SetSeverityAsync((Severity)(severity[0] - '0'));
        }

        Assert.Equal(pages, (await desk.SentAsync(NotificationPurpose.Page)).Select(page => page.Key).Distinct().Count());
    }

    [Fact]
    public async Task D7_Two_rises_told_at_once_page_once_for_the_severity_they_come_to()
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev3);
        await desk.ChangeAsync(change =>
        {
            IncidentTransitions.SetSeverity(change, Severity.Sev2, "worse", "alice");
            return IncidentTransitions.SetSeverity(change, Severity.Sev1, "worse still", "alice");
        });
        var pages = await desk.SentAsync(NotificationPurpose.Page);
        Assert.Equal([Severity.Sev3, Severity.Sev1], pages.Select(page => page.Severity!.Value));
    }

    [Fact]
    public async Task D7_A_first_page_that_said_the_severity_already_is_not_sent_again_when_the_rise_is_told()
    {
        using var desk = Desk(Policy);
        var change = await desk.PrepareAsync(Severity.Sev3);
        IncidentTransitions.SetSeverity(change, Severity.Sev1, "worse", "alice");
        await desk.Store.CommitAsync(change, etag: null, Token);
        await desk.TellAsync();
        Assert.Single(await desk.SentAsync(NotificationPurpose.Page));
    }

    [Fact]
    public async Task D7_The_wait_goes_on_from_the_first_page_of_the_level()
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev3);
        await desk.RunForAsync(TimeSpan.FromMinutes(4));
        await desk.SetSeverityAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("09:05 Paging Alice Chen (secondary).", (await desk.LinesAsync(PageKinds))[^1]);
    }

    [Theory]
    // The severity's shorter wait isn't over yet.
    [InlineData(1, "09:02 Paging Alice Chen (secondary).")]
    // It is over already.
    [InlineData(3, "09:03 Paging Alice Chen (secondary).")]
    public async Task A_rise_shortens_the_wait(int minutes, string expected)
    {
        using var desk = Desk(Policy with { TimeoutBySeverity = new Dictionary<Severity, TimeSpan> { [Severity.Sev1] = TimeSpan.FromMinutes(2) } });
        await desk.OpenAsync(Severity.Sev3);
        await desk.RunForAsync(TimeSpan.FromMinutes(minutes));
        await desk.SetSeverityAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(
            ["09:00 Paging Bob Ito (primary).", $"09:0{minutes} Paging Bob Ito again (primary). {RaisedByAlice}", expected],
            await desk.LinesAsync(PageKinds));
    }

    [Theory]
    // Worse: nobody waits for the cooldown's end.
    [InlineData(Severity.Sev1, 2)]
    // Milder: it is held as before.
    [InlineData(Severity.Sev3, 1)]
    public async Task D7_A_rise_inside_the_cooldown_pages_at_once_and_once(Severity severity, int pages)
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev2);
        await desk.ResolveAsync();
        await desk.ReopenAsync(desk.Clock.GetUtcNow().AddMinutes(30));
        await desk.SetSeverityAsync(severity);
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(pages, (await desk.SentAsync(NotificationPurpose.Page)).Count);
    }

    [Fact]
    public async Task A_rise_after_the_acknowledgement_pages_again_as_an_escalation_of_its_own()
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev2);
        await desk.AcknowledgeAsync("alice");
        await desk.RunForAsync(TimeSpan.FromMinutes(2));
        await desk.SetSeverityAsync(Severity.Sev1);
        Assert.Equal(
            ["09:00 Paging Bob Ito (primary).", "09:00 Escalation ended: acknowledged.", $"09:02 Paging Bob Ito (primary). {RaisedByAlice}"],
            await desk.LinesAsync(PageKinds));
        Assert.True((await desk.InstanceAsync("escalation", round: 2)).IsRunning);
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.Page)).Select(page => page.Key).Distinct().Count());

        await desk.AcknowledgeAsync("alice");
        Assert.Equal("09:02 Escalation ended: acknowledged.", (await desk.LinesAsync(PageKinds))[^1]);
    }

    [Fact]
    public async Task D7_A_rise_after_nobody_answered_climbs_again()
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev2);
        await desk.RunForAsync(TimeSpan.FromHours(1));
        await desk.SetSeverityAsync(Severity.Sev1);
        Assert.Equal($"10:00 Paging Bob Ito (primary). {RaisedByAlice}", (await desk.LinesAsync(PageKinds))[^1]);
        await desk.AcknowledgeAsync("bob");
        Assert.Equal("10:00 Escalation ended: acknowledged.", (await desk.LinesAsync(PageKinds))[^1]);
    }

    [Fact]
    public async Task A_rise_after_the_escalation_was_terminated_climbs_again()
    {
        using var desk = Desk(Policy);
        await desk.OpenAsync(Severity.Sev2);
        await desk.Orchestrations.TerminateAsync(Incident.InstanceId("escalation", desk.Id, 1), "by mistake", Token);
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        await desk.SetSeverityAsync(Severity.Sev1);
        Assert.Equal($"09:01 Paging Bob Ito (primary). {RaisedByAlice}", (await desk.LinesAsync(PageKinds))[^1]);
        Assert.True((await desk.InstanceAsync("escalation", round: 2)).IsRunning);
    }

    [Fact]
    public async Task An_escalation_that_began_before_a_rise_paged_takes_its_old_steps()
    {
        using var desk = Desk(Policy);
        var change = await desk.PrepareAsync(Severity.Sev3);
        change.Head = change.Head with { Signals = [] };
        await desk.Store.CommitAsync(change, etag: null, Token);
        var old = new EscalationInput("INC-1", 1, Severity.Sev3, EscalationPolicies.LadderOf(Policy), null);
        await desk.Orchestrations.StartAsync(EscalationOrchestration.Name, "escalation-INC-1", old, Token);
        await desk.Orchestrations.DrainAsync(Token);
        await desk.SetSeverityAsync(Severity.Sev1);
        Assert.Single(await desk.SentAsync(NotificationPurpose.Page));
    }

    private static IncidentDesk Desk(EscalationPolicyConfiguration policy) => new(
        IncidentDesk.DefaultConfiguration with
        {
            Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal) { [policy.Name] = policy },
        },
        escalates: true);
}
