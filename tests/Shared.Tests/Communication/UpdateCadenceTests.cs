using Pipeline.Communication;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Communication;

/// <summary>Everything begins on Monday 2026-01-05 at 09:00 UTC.</summary>
public sealed class UpdateCadenceTests
{
    private static readonly TimelineKind[] CadenceKinds =
        [TimelineKind.UpdateReminder, TimelineKind.UpdateOverdue, TimelineKind.FinalUpdateOwed, TimelineKind.UpdatePosted];

    [Fact]
    public async Task The_first_update_ten_minutes_late_the_second_on_time()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.AcknowledgeAsync("alice");
        await desk.RunForAsync(TimeSpan.FromMinutes(39));
        await desk.RunForAsync(TimeSpan.FromMinutes(1));
        await desk.PostUpdateAsync("Rolling back.");
        await desk.RunForAsync(TimeSpan.FromMinutes(28));
        await desk.PostUpdateAsync("Recovering.");
        await desk.RunForAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(
            [
                "09:25 Update #1 is due at 09:30 UTC. Reminded Alice Chen.",
                "09:30 Update #1 was due at 09:30 UTC and has not been posted. Notified Alice Chen.",
                "09:40 Update #1: Rolling back.",
                "10:05 Update #2 is due at 10:10 UTC. Reminded Alice Chen.",
                "10:08 Update #2: Recovering.",
            ],
            await desk.LinesAsync(CadenceKinds));
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.UpdateReminder)).Count);

        // At the due time, and a nudge at 09:40 before the update.
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.UpdateOverdue)).Count);
        var status = await desk.StatusAsync<CadenceStatus>("cadence");
        Assert.Equal(new CadenceStatus(At(10, 38), 2, Severity.Sev1, Overdue: false, FinalUpdateOwed: false), status);
    }

    [Fact]
    public async Task The_status_says_that_an_update_is_overdue()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(31));
        Assert.Equal(
            new CadenceStatus(At(9, 30), 0, Severity.Sev1, Overdue: true, FinalUpdateOwed: false), await desk.StatusAsync<CadenceStatus>("cadence"));
    }

    [Fact]
    public async Task A_severity_raised_brings_the_update_forward()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev3);
        await desk.RunForAsync(TimeSpan.FromMinutes(100));
        await desk.SetSeverityAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(
            ["10:40 Update #1 is due at 10:45 UTC. Reminded Bob Ito.", "10:45 Update #1 was due at 10:45 UTC and has not been posted. Notified Bob Ito."],
            await desk.LinesAsync(CadenceKinds));
        var said = Assert.Single(await desk.SentAsync(NotificationPurpose.SeverityRaised));
        Assert.Equal("[SEV-1] Checkout fails (checkout, production)", said.Title);
    }

    [Fact]
    public async Task After_three_hours_of_downtime_there_is_one_nudge_and_then_the_cadence_goes_on_from_the_due_time()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(30));
        var before = (await desk.SentAsync(NotificationPurpose.UpdateOverdue)).Count;

        await desk.SleepAsync(TimeSpan.FromMinutes(184));
        Assert.Equal(before + 1, (await desk.SentAsync(NotificationPurpose.UpdateOverdue)).Count);
        await desk.RunForAsync(TimeSpan.FromMinutes(6));
        var nudges = await desk.SentAsync(NotificationPurpose.UpdateOverdue);
        Assert.Equal([At(9, 30), At(12, 34), At(12, 40)], nudges.Select(nudge => nudge.CreatedAt));
        Assert.Equal(
            ["09:25 Update #1 is due at 09:30 UTC. Reminded Bob Ito.",
             "09:30 Update #1 was due at 09:30 UTC and has not been posted. Notified Bob Ito.",
             "12:34 Update #1 was due at 09:30 UTC and has still not been posted. Notified Bob Ito every time."],
            await desk.LinesAsync(CadenceKinds));
    }

    [Fact]
    public async Task Down_over_reminder_and_due_time_leaves_no_reminder_of_what_is_late_already()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.SleepAsync(TimeSpan.FromHours(3));
        Assert.Empty(await desk.SentAsync(NotificationPurpose.UpdateReminder));
        Assert.Single(await desk.SentAsync(NotificationPurpose.UpdateOverdue));
        Assert.Equal(["12:00 Update #1 was due at 09:30 UTC and has not been posted. Notified Bob Ito."], await desk.LinesAsync(CadenceKinds));
    }

    [Fact]
    public async Task Nudges_go_on_for_a_day_and_the_last_says_so()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromDays(3));

        var nudges = await desk.SentAsync(NotificationPurpose.UpdateOverdue);
        Assert.Equal(1 + CadencePlan.MaxNudges, nudges.Count);
        Assert.EndsWith("No more reminders follow. An update starts the clock again.", nudges[^1].Text, StringComparison.Ordinal);

        // The first, and every sixth.
        Assert.Equal(1 + (CadencePlan.MaxNudges / 6), (await desk.LinesAsync(TimelineKind.UpdateOverdue)).Count);
        Assert.True((await desk.StatusAsync<CadenceStatus>("cadence")).Overdue);

        await desk.PostUpdateAsync();
        Assert.Equal(desk.Clock.GetUtcNow() + TimeSpan.FromMinutes(30), (await desk.StatusAsync<CadenceStatus>("cadence")).NextUpdateDueAt);
    }

    [Fact]
    public async Task A_resolve_leaves_the_final_update_owed_and_the_cadence_ends_with_it()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.AcknowledgeAsync("Alice Chen");
        await desk.RunForAsync(TimeSpan.FromMinutes(20));
        await desk.ResolveAsync();
        Assert.True((await desk.StatusAsync<CadenceStatus>("cadence")).FinalUpdateOwed);
        var owed = Assert.Single(await desk.SentAsync(NotificationPurpose.FinalUpdateOwed));
        Assert.Equal("alice", owed.PersonId);

        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        await desk.PostUpdateAsync("Rolled back; all is well.");
        var instance = await desk.InstanceAsync("cadence");
        Assert.Equal(OrchestrationStatus.Completed, instance.RuntimeStatus);
        Assert.Equal("finalUpdatePosted", instance.Output!.Value.GetProperty("reason").GetString());
        await desk.RunForAsync(TimeSpan.FromDays(1));
        Assert.Equal(
            ["09:20 The final update (#1) is owed. Notified Alice Chen.", "09:30 Update #1: Rolled back; all is well."], await desk.LinesAsync(CadenceKinds));
    }

    [Fact]
    public async Task A_final_update_that_never_comes_is_asked_for_once_more()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev2);
        await desk.ResolveAsync();
        await desk.CloseAsync();
        await desk.RunForAsync(TimeSpan.FromDays(1));
        Assert.Equal(
            ["09:00 The final update (#1) is owed. Notified Bob Ito.", "10:00 The final update (#1) is still owed. Reminded Bob Ito once more."],
            await desk.LinesAsync(CadenceKinds));
        Assert.Equal("finalUpdateMissing", (await desk.InstanceAsync("cadence")).Output!.Value.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task An_update_that_resolves_is_the_final_one_and_nobody_is_asked_for_it()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.PostUpdateAsync("Over.", IncidentStage.Resolved);
        Assert.Empty(await desk.SentAsync(NotificationPurpose.FinalUpdateOwed));
        Assert.Equal("finalUpdatePosted", (await desk.InstanceAsync("cadence")).Output!.Value.GetProperty("reason").GetString());
        var update = (await desk.SentAsync(NotificationPurpose.StakeholderUpdate))[0];
        Assert.Equal("[SEV-1] Final update #1 - checkout - resolved", update.Title);
    }

    [Fact]
    public async Task A_reopening_ends_the_wait_for_the_final_update_and_begins_a_cadence_of_its_own()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.PostUpdateAsync();
        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        await desk.ReopenAsync();

        Assert.Equal("reopened", (await desk.InstanceAsync("cadence")).Output!.Value.GetProperty("reason").GetString());
        Assert.Equal(
            new CadenceStatus(At(9, 50), 1, Severity.Sev1, Overdue: false, FinalUpdateOwed: false), await desk.StatusAsync<CadenceStatus>("cadence", round: 2));
    }

    [Fact]
    public async Task FirstUse_Sixty_info_alerts_remind_nobody()
    {
        using var desk = new IncidentDesk();
        for (var alert = 0; alert < 60; alert++)
        {
            await desk.OpenAsync(Severity.Sev4);
            await desk.RunForAsync(TimeSpan.FromMinutes(1));
            await desk.ResolveAsync();
        }

        await desk.RunForAsync(TimeSpan.FromDays(1));

        NotificationPurpose[] calm = [NotificationPurpose.IncidentOpened, NotificationPurpose.IncidentResolved];
        Assert.All(await desk.SentAsync(), notification => Assert.Contains(notification.Purpose, calm));
        Assert.Empty(await desk.LinesAsync(CadenceKinds));
        var cadence = await desk.InstanceAsync("cadence");
        Assert.Equal(OrchestrationStatus.Completed, cadence.RuntimeStatus);
        Assert.Equal("nothingOwed", cadence.Output!.Value.GetProperty("reason").GetString());
        Assert.False((await desk.StatusAsync<CadenceStatus>("cadence")).FinalUpdateOwed);
    }

    [Fact]
    public async Task FirstUse_A_sev4_that_somebody_took_owes_its_final_update()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev4);
        await desk.AcknowledgeAsync("alice");
        await desk.ResolveAsync();

        Assert.Equal(["09:00 The final update (#1) is owed. Notified Alice Chen."], await desk.LinesAsync(CadenceKinds));
    }

    [Fact]
    public async Task A_severity_without_a_clock_that_wakes_somebody_has_updates_at_start_and_end_only()
    {
        using var desk = new IncidentDesk(IncidentDesk.DefaultConfiguration with
        {
            Escalation = IncidentDesk.DefaultConfiguration.Escalation.ToDictionary(
                policy => policy.Key, policy => policy.Value with { Pages = [Severity.Sev4] }, StringComparer.Ordinal),
        });
        await desk.OpenAsync(Severity.Sev4);
        await desk.RunForAsync(TimeSpan.FromDays(2));
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromDays(1));
        Assert.Equal(
            [
                "09:00 A first update is owed: SEV-4 has updates at start and end. Reminded Bob Ito.",
                "09:00 The final update (#1) is owed. Notified Bob Ito.",
                "13:00 The final update (#1) is still owed. Reminded Bob Ito once more.",
            ],
            await desk.LinesAsync(CadenceKinds));
    }

    private static DateTimeOffset At(int hour, int minute) => new(2026, 1, 5, hour, minute, 0, TimeSpan.Zero);
}
