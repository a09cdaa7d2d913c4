using Pipeline.Escalation;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Escalation;

/// <summary>Everything begins on Monday 2026-01-05 at 09:00 UTC. The seeds' ladder is Bob, Alice, Carol, and Bob again as director.</summary>
public sealed class EscalationTests
{
    private static readonly TimelineKind[] PageKinds =
        [TimelineKind.Paging, TimelineKind.PageFailed, TimelineKind.PageWithheld, TimelineKind.EscalationEnded];

    private static readonly EscalationPolicyConfiguration Seeds = new(
        PipelineConfiguration.DefaultPolicy,
        [.. EscalationLevel.SeedLadder.Zip(["bob", "alice", "carol", "bob"], (level, who) => new EscalationLevel(level.Name, [who], level.Timeout))],
        Repeat: 0);

    [Fact]
    public async Task Nobody_answers_and_the_seeds_levels_are_paged_at_their_times()
    {
        using var desk = Desk(Seeds);
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromHours(3));
        Assert.Equal(
            [
                "09:00 Paging Bob Ito (primary).",
                "09:05 Paging Alice Chen (secondary).",
                "09:15 Paging Carol Weiss (manager).",
                "09:30 Paging Bob Ito (director).",
                "09:45 Escalation ended: nobody acknowledged, and no page is known to have reached anybody.",
            ],
            await desk.LinesAsync(PageKinds));
        var pages = await desk.SentAsync(NotificationPurpose.Page);
        Assert.Equal(["bob", "alice", "carol", "bob"], pages.Select(page => page.PersonId));
        Assert.Equal(4, pages.Select(page => page.Key).Distinct().Count());
        Assert.Equal("SEV-1 INC-1: Checkout fails", pages[0].Title);
        Assert.Equal("exhausted", (await desk.InstanceAsync("escalation")).Output!.Value.GetString());
    }

    [Fact]
    public async Task A_repetition_climbs_the_ladder_again()
    {
        using var desk = Desk(Seeds with { Repeat = 1 });
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromHours(3));
        var lines = await desk.LinesAsync(PageKinds);
        Assert.Equal(["09:45 Paging Bob Ito (primary, repetition 1).", "09:50 Paging Alice Chen (secondary, repetition 1)."], lines.Skip(4).Take(2));
        Assert.Equal("10:30 Escalation ended: nobody acknowledged, and no page is known to have reached anybody.", lines[^1]);
        Assert.Equal(8, (await desk.SentAsync(NotificationPurpose.Page)).Select(page => page.Key).Distinct().Count());
    }

    [Fact]
    public async Task An_acknowledgement_ends_it()
    {
        using var desk = Desk(Seeds);
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(7));
        Assert.Equal(
            new EscalationStatus("secondary", 0, desk.Clock.GetUtcNow().AddMinutes(8)), await desk.StatusAsync<EscalationStatus>("escalation"));
        await desk.AcknowledgeAsync("alice");
        await desk.RunForAsync(TimeSpan.FromHours(3));
        Assert.Equal(
            ["09:00 Paging Bob Ito (primary).", "09:05 Paging Alice Chen (secondary).", "09:07 Escalation ended: acknowledged."],
            await desk.LinesAsync(PageKinds));
    }

    [Fact]
    public async Task A_resolve_ends_it()
    {
        using var desk = Desk(Seeds);
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromHours(3));
        Assert.Equal(["09:00 Paging Bob Ito (primary).", "09:01 Escalation ended: resolved."], await desk.LinesAsync(PageKinds));
    }

    [Fact]
    public async Task After_downtime_each_person_still_has_the_whole_wait()
    {
        using var desk = Desk(Seeds);
        await desk.OpenAsync(Severity.Sev1);
        await desk.SleepAsync(TimeSpan.FromHours(2));
        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(
            ["09:00 Paging Bob Ito (primary).", "11:00 Paging Alice Chen (secondary).", "11:10 Paging Carol Weiss (manager)."],
            await desk.LinesAsync(PageKinds));
    }

    [Fact]
    public async Task A_level_without_people_is_passed_over_at_once()
    {
        using var desk = Desk(Seeds with { Levels = [Seeds.Levels[0], Seeds.Levels[1] with { Targets = [] }, Seeds.Levels[2]] });
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(["09:00 Paging Bob Ito (primary).", "09:05 Paging Carol Weiss (manager)."], await desk.LinesAsync(PageKinds));
    }

    [Fact]
    public async Task A_policy_that_names_nobody_says_so()
    {
        using var desk = Desk(Seeds with { Levels = [Seeds.Levels[0] with { Targets = [] }] });
        await desk.OpenAsync(Severity.Sev1);
        Assert.Equal(["09:00 Escalation ended: its policy names nobody to page."], await desk.LinesAsync(PageKinds));
    }

    [Fact]
    public async Task Who_cannot_be_reached_is_told_on_the_timeline_and_the_next_level_follows()
    {
        using var desk = Desk(Seeds with { Levels = [Seeds.Levels[0] with { Targets = ["ghost"] }, Seeds.Levels[1]] });
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(
            ["09:00 Nobody can be paged at level primary: ghost can't be reached.", "09:00 Paging Alice Chen (secondary)."],
            await desk.LinesAsync(PageKinds));
    }

    [Fact]
    public async Task A_reopening_inside_the_cooldown_pages_when_that_ends()
    {
        using var desk = await ReopenedInsideCooldownAsync();
        Assert.Equal("09:10 No page before 09:30:00 UTC: the same alerts were paged for a short while ago (cooldown).", (await desk.LinesAsync(PageKinds))[^1]);
        await desk.RunForAsync(TimeSpan.FromMinutes(20));
        Assert.Equal("09:30 Paging Bob Ito (primary).", (await desk.LinesAsync(PageKinds))[^1]);
        Assert.True((await desk.InstanceAsync("escalation", round: 2)).IsRunning);
    }

    [Theory]
    // It still fires when the cooldown ends.
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task F1_An_incident_opened_inside_the_cooldown_pages_when_that_ends(bool recovers, int pages)
    {
        using var desk = Desk(Seeds);
        var change = await desk.PrepareAsync(Severity.Sev2);
        var until = desk.Clock.GetUtcNow().AddMinutes(20);
        change.Head = change.Head with { HoldPageUntil = until, Signals = [change.Head.Signals[0] with { HoldPageUntil = until }] };
        await desk.Store.CommitAsync(change, etag: null, TestContext.Current.CancellationToken);
        await desk.TellAsync();
        await desk.RunForAsync(TimeSpan.FromMinutes(19));
        Assert.Empty(await desk.SentAsync(NotificationPurpose.Page));
        if (recovers)
        {
            await desk.ResolveAsync();
        }

        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(pages, (await desk.SentAsync(NotificationPurpose.Page)).Count);
    }

    [Fact]
    public async Task A_hold_that_is_lifted_pages_at_once()
    {
        using var desk = await ReopenedInsideCooldownAsync();
        await desk.RunForAsync(TimeSpan.FromMinutes(2));
        await desk.ChangeAsync(change =>
        {
            change.Head = change.Head with { HoldPageUntil = null };
            change.Signal(IncidentSignalKind.HoldLifted);
            return CommandRefusal.None;
        });
        Assert.Equal("09:12 Paging Bob Ito (primary).", (await desk.LinesAsync(PageKinds))[^1]);
    }

    [Fact]
    public async Task A_recovery_inside_the_cooldown_wakes_nobody()
    {
        using var desk = await ReopenedInsideCooldownAsync();
        await desk.RunForAsync(TimeSpan.FromMinutes(5));
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromHours(2));
        Assert.Equal("09:15 Escalation ended: resolved.", (await desk.LinesAsync(PageKinds))[^1]);
        Assert.Single(await desk.SentAsync(NotificationPurpose.Page));
    }

    [Fact]
    public async Task A_severity_that_falls_to_one_that_wakes_nobody_ends_the_pages()
    {
        using var desk = Desk(Seeds);
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        await desk.SetSeverityAsync(Severity.Sev4);
        await desk.RunForAsync(TimeSpan.FromHours(1));
        Assert.StartsWith("09:01 Escalation ended:", (await desk.LinesAsync(PageKinds))[^1], StringComparison.Ordinal);
        Assert.Single(await desk.SentAsync(NotificationPurpose.Page));
    }

    [Fact]
    public async Task A_severity_that_wakes_nobody_leaves_a_receipt_until_it_rises()
    {
        using var desk = Desk(Seeds);
        await desk.OpenAsync(Severity.Sev4);
        await desk.RunForAsync(TimeSpan.FromHours(1));
        Assert.Equal(["09:00 No page: SEV-4 wakes nobody by policy 'default'."], await desk.LinesAsync(PageKinds));
        Assert.Empty(await desk.SentAsync());

        await desk.SetSeverityAsync(Severity.Sev2);
        Assert.Equal("10:00 Paging Bob Ito (primary). Raised to SEV-2 by Alice Chen: looked closer.", (await desk.LinesAsync(PageKinds))[^1]);
    }

    [Fact]
    public async Task A_signal_told_twice_pages_once()
    {
        using var desk = Desk(Seeds);
        await desk.OpenAsync(Severity.Sev4);
        var token = TestContext.Current.CancellationToken;
        var opened = new IncidentSignal($"{desk.Id}:0", IncidentSignalKind.Opened, desk.Clock.GetUtcNow(), 1, 1);
        await desk.Store.EditAsync(
            desk.Id,
            change =>
            {
                change.Head = change.Head with { Signals = [opened, opened] };
                return true;
            },
            token);
        await desk.TellAsync();
        Assert.Single(await desk.LinesAsync(PageKinds));
    }

    /// <summary>Paged and resolved at 09:00; fires again at 09:10, with the page held until 09:30.</summary>
    private static async Task<IncidentDesk> ReopenedInsideCooldownAsync()
    {
        var desk = Desk(Seeds);
        await desk.OpenAsync(Severity.Sev2);
        var until = desk.Clock.GetUtcNow().AddMinutes(30);
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        await desk.ReopenAsync(until);
        return desk;
    }

    private static IncidentDesk Desk(EscalationPolicyConfiguration policy) => new(
        IncidentDesk.DefaultConfiguration with
        {
            Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal) { [policy.Name] = policy },
        },
        escalates: true);
}
