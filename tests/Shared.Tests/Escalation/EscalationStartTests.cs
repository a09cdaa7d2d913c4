using Pipeline.Escalation;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Escalation;

/// <summary>An incident whose escalation can't have its id, or ended while it was wanted, pages all the same.</summary>
public sealed class EscalationStartTests
{
    private static readonly EscalationInput OfTheLifeBefore = new(
        "INC-1", 1, Severity.Sev1, new EscalationLadder("default", [], 0, new Dictionary<Severity, TimeSpan>(), []), null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public enum End
    {
        None,
        Completed,
        Terminated,
    }

    [Theory]
    [InlineData(End.Completed)]
    [InlineData(End.Terminated)]
    // It runs yet: the task hub was kept, the table made anew.
    [InlineData(End.None)]
    public async Task F18_An_incident_whose_escalation_id_was_used_before_pages_somebody(End end)
    {
        using var desk = new IncidentDesk(escalates: true);
        await UseIdAsync(desk, "escalation-INC-1", end);

        await desk.OpenAsync(Severity.Sev1);
        Assert.Single(await desk.SentAsync(NotificationPurpose.Page));
        Assert.Contains(
            await desk.LinesAsync(TimelineKind.Note),
            line => line.EndsWith(
                "escalation-INC-1 was left over from an earlier incident of this number. Started escalation-INC-1.2.", StringComparison.Ordinal));
        await desk.AcknowledgeAsync("bob");
        Assert.Equal("acknowledged", (await desk.InstanceAsync("escalation", round: 2)).Output!.Value.GetString());
    }

    [Fact]
    public async Task F18_The_ids_of_later_rounds_can_be_used_too()
    {
        using var desk = new IncidentDesk(escalates: true);
        await UseIdAsync(desk, "escalation-INC-1", End.Terminated);
        await UseIdAsync(desk, "escalation-INC-1.2", End.None);

        await desk.OpenAsync(Severity.Sev1);
        Assert.Single(await desk.SentAsync(NotificationPurpose.Page));
        Assert.True((await desk.InstanceAsync("escalation", round: 3)).IsRunning);
    }

    [Fact]
    public async Task F18_A_reopened_incident_whose_next_id_was_used_pages_somebody()
    {
        using var desk = new IncidentDesk(escalates: true);
        await UseIdAsync(desk, "escalation-INC-1.2", End.Completed);
        await desk.OpenAsync(Severity.Sev1);
        await desk.AcknowledgeAsync("bob");
        await desk.ResolveAsync();

        await desk.ReopenAsync();
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.Page)).Count);
    }

    [Fact]
    public async Task F18_An_escalation_that_failed_before_its_opening_was_told_to_all_is_started_again()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev1);
        await desk.Orchestrations.TerminateAsync("escalation-INC-1", "as a fault would", Token);

        await TellOpenedAgainAsync(desk);
        await TellOpenedAgainAsync(desk);
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.Page)).Count);
        Assert.Equal(
            ["09:00 escalation-INC-1 had failed or was terminated. Started escalation-INC-1.2."], await desk.LinesAsync(TimelineKind.Note));
    }

    [Fact]
    public async Task F18_An_opening_told_again_after_its_escalation_came_to_an_end_pages_nobody_again()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromHours(1));
        Assert.Equal("exhausted", (await desk.InstanceAsync("escalation")).Output!.Value.GetString());
        var pages = await desk.SentAsync(NotificationPurpose.Page);

        await TellOpenedAgainAsync(desk);
        Assert.Equal(pages, await desk.SentAsync(NotificationPurpose.Page));
    }

    [Fact]
    public async Task F18_A_crash_between_the_new_round_and_its_escalation_starts_that_escalation_and_no_third()
    {
        using var desk = new IncidentDesk(escalates: true);
        await UseIdAsync(desk, "escalation-INC-1", End.Terminated);
        await desk.OpenAsync(Severity.Sev1);
        await desk.Orchestrations.TerminateAsync("escalation-INC-1.2", "to purge it", Token);
        await desk.Orchestrations.PurgeAsync("escalation-INC-1.2", Token);

        await TellOpenedAgainAsync(desk);
        Assert.True((await desk.InstanceAsync("escalation", round: 2)).IsRunning);
        Assert.Equal(2, (await desk.Store.GetAsync("INC-1", Token))!.EscalationRound);
    }

    [Fact]
    public async Task F18_A_hold_lifted_from_an_escalation_that_is_gone_pages()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev2);
        await desk.ResolveAsync();
        await desk.ReopenAsync(desk.Clock.GetUtcNow().AddMinutes(30));
        await desk.Orchestrations.TerminateAsync("escalation-INC-1.2", "as a fault would", Token);

        await desk.ChangeAsync(change =>
        {
            change.Head = change.Head with { HoldPageUntil = null };
            change.Signal(IncidentSignalKind.HoldLifted);
            return CommandRefusal.None;
        });
        Assert.Equal(2, (await desk.SentAsync(NotificationPurpose.Page)).Count);
    }

    [Theory]
    // It runs: it is told.
    [InlineData(IncidentSignalKind.Opened, IdUse.Running, EscalationReaction.Tell)]
    [InlineData(IncidentSignalKind.SeverityRaised, IdUse.Running, EscalationReaction.Tell)]
    // It did its work, and the same is told again.
    [InlineData(IncidentSignalKind.Opened, IdUse.Completed, EscalationReaction.None)]
    [InlineData(IncidentSignalKind.Reopened, IdUse.Completed, EscalationReaction.None)]
    // A new reason to page, which it hears no more.
    [InlineData(IncidentSignalKind.SeverityRaised, IdUse.Completed, EscalationReaction.StartAnew)]
    [InlineData(IncidentSignalKind.HoldLifted, IdUse.Completed, EscalationReaction.StartAnew)]
    // It pages nobody, or not for this incident.
    [InlineData(IncidentSignalKind.Opened, IdUse.Broken, EscalationReaction.StartAnew)]
    [InlineData(IncidentSignalKind.Reopened, IdUse.LeftOver, EscalationReaction.StartAnew)]
    // Purged between the start that was refused and the look at it.
    [InlineData(IncidentSignalKind.Opened, IdUse.Free, EscalationReaction.StartAnew)]
    public void What_to_do_where_the_id_was_used(IncidentSignalKind kind, IdUse use, EscalationReaction expected) =>
        Assert.Equal(expected, EscalationSubscriber.Decide(kind, use));

    /// <summary>An instance of a day ago, when the table was another.</summary>
    private static async Task UseIdAsync(IncidentDesk desk, string id, End end)
    {
        // With nobody in its ladder it completes at once; with a hold it waits.
        var input = end == End.Completed ? OfTheLifeBefore : OfTheLifeBefore with { HoldPageUntil = desk.Clock.GetUtcNow().AddDays(3) };
        await desk.Orchestrations.StartAsync(EscalationOrchestration.Name, id, input, Token);
        await desk.Orchestrations.DrainAsync(Token);
        if (end == End.Terminated)
        {
            await desk.Orchestrations.TerminateAsync(id, "the life before", Token);
        }

        Assert.Equal(end == End.None, (await desk.Orchestrations.GetAsync(id, Token))!.IsRunning);
        desk.Clock.Advance(TimeSpan.FromDays(1));
    }

    private static async Task TellOpenedAgainAsync(IncidentDesk desk)
    {
        var opened = new IncidentSignal($"{desk.Id}:0", IncidentSignalKind.Opened, desk.Clock.GetUtcNow(), 1, 1);
        await desk.Store.EditAsync(
            desk.Id,
            change =>
            {
                change.Head = change.Head with { Signals = [opened with { At = change.Head.DetectedAt }] };
                return true;
            },
            Token);
        await desk.TellAsync();
    }
}
