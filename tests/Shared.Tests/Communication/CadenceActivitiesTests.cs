using Pipeline.Communication;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Xunit;

namespace Pipeline.Shared.Tests.Communication;

public sealed class CadenceActivitiesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CadenceMessage.FirstUpdateOwed, TimelineKind.UpdateReminder, NotificationPurpose.UpdateReminder)]
    [InlineData(CadenceMessage.DueSoon, TimelineKind.UpdateReminder, NotificationPurpose.UpdateReminder)]
    [InlineData(CadenceMessage.Overdue, TimelineKind.UpdateOverdue, NotificationPurpose.UpdateOverdue)]
    [InlineData(CadenceMessage.StillOverdue, TimelineKind.UpdateOverdue, NotificationPurpose.UpdateOverdue)]
    [InlineData(CadenceMessage.FinalUpdateOwed, TimelineKind.FinalUpdateOwed, NotificationPurpose.FinalUpdateOwed)]
    [InlineData(CadenceMessage.FinalUpdateStillOwed, TimelineKind.FinalUpdateOwed, NotificationPurpose.FinalUpdateOwed)]
    public async Task Run_twice_it_leaves_one_line_and_one_notification(CadenceMessage message, TimelineKind kind, NotificationPurpose purpose)
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        var task = Owed(desk, message);
        Assert.Equal(CadenceDecision.Tell, await desk.Cadence.TellAsync(task, Token));
        Assert.Equal(CadenceDecision.Tell, await desk.Cadence.TellAsync(task, Token));

        Assert.Single(await desk.LinesAsync(kind));
        var told = Assert.Single(await desk.SentAsync(purpose));
        Assert.Equal("bob", told.PersonId);
        Assert.StartsWith("[SEV-1] ", told.Title, StringComparison.Ordinal);
        Assert.Equal(new Uri("http://localhost:7071/api/incidents/INC-1"), told.Link);
    }

    [Fact]
    public async Task A_nudge_between_two_timeline_lines_is_sent_only()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.Cadence.TellAsync(Owed(desk, CadenceMessage.StillOverdue) with { IsOnTimeline = false }, Token);
        Assert.Empty(await desk.LinesAsync(TimelineKind.UpdateOverdue));
        Assert.Single(await desk.SentAsync(NotificationPurpose.UpdateOverdue));
    }

    [Theory]
    // What is owed is told.
    [InlineData(CadenceMessage.Overdue, IncidentStage.Detected, 0, 1, CadenceDecision.Tell)]
    // The update came while the reminder was under way.
    [InlineData(CadenceMessage.Overdue, IncidentStage.Detected, 1, 1, CadenceDecision.UpdatePosted)]
    // So did the resolve.
    [InlineData(CadenceMessage.Overdue, IncidentStage.Resolved, 0, 1, CadenceDecision.Resolved)]
    // A final update is owed after the resolve, and after the close.
    [InlineData(CadenceMessage.FinalUpdateOwed, IncidentStage.Resolved, 0, 1, CadenceDecision.Tell)]
    [InlineData(CadenceMessage.FinalUpdateStillOwed, IncidentStage.Closed, 0, 1, CadenceDecision.Tell)]
    // It came.
    [InlineData(CadenceMessage.FinalUpdateStillOwed, IncidentStage.Resolved, 1, 1, CadenceDecision.UpdatePosted)]
    // Reopened: the next round counts for itself.
    [InlineData(CadenceMessage.FinalUpdateOwed, IncidentStage.Investigating, 0, 2, CadenceDecision.OtherRound)]
    public void Whether_it_is_told_is_decided_on_the_incident_as_it_is(
        CadenceMessage message, IncidentStage stage, int updates, int round, CadenceDecision expected)
    {
        var task = new CadenceTask("INC-1", Round: 1, message, Update: 1, DueAt: null, Nudge: 0, IsOnTimeline: true, IsLast: false);
        Assert.Equal(expected, task.Decide(Head(stage, updates, round), wakes: true));
    }

    [Theory]
    // A note that woke nobody and that nobody took.
    [InlineData(CadenceMessage.FirstUpdateOwed, false, false, null, 0, CadenceDecision.NobodyConcerned)]
    [InlineData(CadenceMessage.FinalUpdateOwed, false, false, null, 0, CadenceDecision.NobodyConcerned)]
    [InlineData(CadenceMessage.FinalUpdateStillOwed, false, false, null, 0, CadenceDecision.NobodyConcerned)]
    // It wakes somebody.
    [InlineData(CadenceMessage.FirstUpdateOwed, false, true, null, 0, CadenceDecision.Tell)]
    // Somebody took it.
    [InlineData(CadenceMessage.FinalUpdateOwed, false, false, "alice", 0, CadenceDecision.Tell)]
    // Somebody wrote of it before: stakeholders wait for the end.
    [InlineData(CadenceMessage.FinalUpdateOwed, false, false, null, 1, CadenceDecision.Tell)]
    // A severity with a clock has stakeholders.
    [InlineData(CadenceMessage.FinalUpdateOwed, true, false, null, 0, CadenceDecision.Tell)]
    public void FirstUse_An_update_is_owed_where_somebody_is_concerned(
        CadenceMessage message, bool hasClock, bool wakes, string? commander, int updates, CadenceDecision expected)
    {
        var stage = message == CadenceMessage.FirstUpdateOwed ? IncidentStage.Detected : IncidentStage.Resolved;
        var due = hasClock ? new DateTimeOffset(2026, 1, 5, 9, 30, 0, TimeSpan.Zero) : (DateTimeOffset?)null;
        var task = new CadenceTask("INC-1", Round: 1, message, updates + 1, due, Nudge: 0, IsOnTimeline: true, IsLast: false);

        Assert.Equal(expected, task.Decide(Head(stage, updates, round: 1) with { Commander = commander }, wakes));
    }

    [Fact]
    public async Task What_came_too_late_leaves_no_trace()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.PostUpdateAsync();
        var before = (await desk.TimelineAsync()).Count;
        Assert.Equal(CadenceDecision.UpdatePosted, await desk.Cadence.TellAsync(Owed(desk, CadenceMessage.Overdue), Token));
        Assert.Equal(before, (await desk.TimelineAsync()).Count);
        Assert.Empty(await desk.SentAsync(NotificationPurpose.UpdateOverdue));
    }

    [Fact]
    public async Task An_unknown_incident_is_passed_over()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        var task = Owed(desk, CadenceMessage.Overdue) with { IncidentId = "INC-99" };
        Assert.Equal(CadenceDecision.NoSuchIncident, await desk.Cadence.TellAsync(task, Token));
    }

    private static CadenceTask Owed(IncidentDesk desk, CadenceMessage message) => new(
        desk.Id, Round: 1, message, Update: 1, desk.Clock.GetUtcNow() + TimeSpan.FromMinutes(30), Nudge: 6, IsOnTimeline: true, IsLast: false);

    private static Incident Head(IncidentStage stage, int updates, int round) => new()
    {
        Id = "INC-1",
        Number = 1,
        Title = "Checkout fails",
        Severity = Severity.Sev1,
        SeverityReason = "label",
        Stage = stage,
        Service = "checkout",
        Environment = "production",
        CorrelationKey = "checkout",
        StartedAt = default,
        DetectedAt = default,
        RoundStartedAt = default,
        UpdateCount = updates,
        Round = round,
    };
}
