using Pipeline.Escalation;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Escalation;

/// <summary>What was begun for an open incident and is lost after it was told, with its task hub or by a fault, is begun again by the sweep.</summary>
public sealed class LostProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task F18_An_escalation_that_is_lost_after_its_start_was_told_pages_anew_once()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev1);
        await LoseAsync(desk, "escalation-INC-1");

        // It was begun a moment ago: it may not be seen yet.
        await SweepAsync(desk, TimeSpan.FromSeconds(30));
        Assert.Single(await desk.SentAsync(NotificationPurpose.Page));

        await SweepAsync(desk, TimeSpan.FromMinutes(1));
        await Task.WhenAll(desk.Signals.SweepAsync(Token), desk.Signals.SweepAsync(Token));
        await SweepAsync(desk, TimeSpan.FromMinutes(2));
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.Page)).Count);
        Assert.Equal(["09:01 escalation-INC-1 was missing. Started escalation-INC-1.2."], await desk.LinesAsync(TimelineKind.Note));

        // The one that pages now hears of the acknowledgement, and then nobody looks for it.
        await desk.AcknowledgeAsync("bob");
        Assert.Equal("acknowledged", (await desk.InstanceAsync("escalation", round: 2)).Output!.Value.GetString());
        await LoseAsync(desk, "escalation-INC-1.2");
        await SweepAsync(desk, TimeSpan.FromMinutes(2));
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.Page)).Count);
    }

    [Fact]
    public async Task F18_Two_processes_that_find_it_lost_at_once_begin_one()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev1);
        await LoseAsync(desk, "escalation-INC-1");
        desk.Clock.Advance(TimeSpan.FromMinutes(2));
        var seen = (await desk.Store.GetAsync("INC-1", Token))!;
        IIncidentSubscriber[] processes = [Subscriber(desk), Subscriber(desk)];

        foreach (var process in processes)
        {
            await process.RestoreAsync(seen, Token);
        }

        await desk.Orchestrations.DrainAsync(Token);
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.Page)).Count);
        Assert.Equal(2, (await desk.Store.GetAsync("INC-1", Token))!.EscalationRound);
        Assert.Null(await desk.Orchestrations.GetAsync("escalation-INC-1.3", Token));
    }

    [Fact]
    public async Task F18_A_hold_is_kept_by_the_escalation_that_is_begun_again()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev2);
        await desk.ResolveAsync();
        await desk.ReopenAsync(desk.Clock.GetUtcNow().AddMinutes(30));
        var before = (await desk.SentAsync(NotificationPurpose.Page)).Count;
        await LoseAsync(desk, "escalation-INC-1.2");

        await SweepAsync(desk, TimeSpan.FromMinutes(2));
        Assert.Equal(before, (await desk.SentAsync(NotificationPurpose.Page)).Count);
        await desk.RunForAsync(TimeSpan.FromMinutes(29));
        Assert.Equal(before + 1, (await desk.SentAsync(NotificationPurpose.Page)).Count);
    }

    [Fact]
    public async Task F18_A_ladder_that_ran_out_and_one_that_a_person_ended_are_left_alone()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromHours(1));
        await desk.OpenAsync(Severity.Sev1, "Search fails");
        await desk.Orchestrations.TerminateAsync("escalation-INC-2", "by an admin", Token);
        var pages = (await desk.SentAsync(NotificationPurpose.Page)).Count;

        await SweepAsync(desk, TimeSpan.FromMinutes(5));
        Assert.Equal(pages, (await desk.SentAsync(NotificationPurpose.Page)).Count);
        Assert.Empty(await desk.LinesAsync(TimelineKind.Note));
    }

    [Fact]
    public async Task F18_A_cadence_that_is_lost_goes_on_from_the_last_update()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(10));
        await desk.PostUpdateAsync();
        await LoseAsync(desk, "cadence-INC-1");

        await SweepAsync(desk, TimeSpan.FromMinutes(5));
        Assert.Equal(["09:15 cadence-INC-1 was missing. Started a new one."], await desk.LinesAsync(TimelineKind.Note));
        await desk.RunForAsync(TimeSpan.FromMinutes(25));
        Assert.StartsWith("09:40 Update #2 ", Assert.Single(await desk.LinesAsync(TimelineKind.UpdateOverdue)), StringComparison.Ordinal);
    }

    [Theory]
    // Gone with its task hub, or never begun.
    [InlineData(null, 0, true)]
    // A fault ended it.
    [InlineData(OrchestrationStatus.Failed, 0, true)]
    // A person ended it.
    [InlineData(OrchestrationStatus.Terminated, 0, false)]
    // It runs, or did its work.
    [InlineData(OrchestrationStatus.Running, 0, false)]
    [InlineData(OrchestrationStatus.Pending, 0, false)]
    [InlineData(OrchestrationStatus.Completed, 0, false)]
    // Of an earlier incident of the number.
    [InlineData(OrchestrationStatus.Running, -2, true)]
    [InlineData(OrchestrationStatus.Terminated, -2, true)]
    public void F18_What_is_lost(OrchestrationStatus? status, int createdAfterMinutes, bool expected)
    {
        var wanted = new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
        var created = wanted.AddMinutes(createdAfterMinutes);
        var instance = status is { } known ? new OrchestrationInstance("escalation-INC-1", "escalation", known, null, null, null, created, created) : null;
        Assert.Equal(expected, IdUses.IsLost(instance, wanted));
    }

    private static EscalationSubscriber Subscriber(IncidentDesk desk) =>
        new(desk.Orchestrations, desk.Store, new EscalationPolicies(desk.Configuration.Escalation, desk.Configuration.Services));

    private static async Task LoseAsync(IncidentDesk desk, string instance)
    {
        await desk.Orchestrations.TerminateAsync(instance, "to remove it", Token);
        await desk.Orchestrations.PurgeAsync(instance, Token);
        Assert.Null(await desk.Orchestrations.GetAsync(instance, Token));
    }

    private static async Task SweepAsync(IncidentDesk desk, TimeSpan later)
    {
        desk.Clock.Advance(later);
        await desk.Signals.SweepAsync(Token);
        await desk.Orchestrations.DrainAsync(Token);
    }
}
