using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Postmortems;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Postmortems;

/// <summary>Resolved on Monday 2026-01-05 at 11:00 UTC.</summary>
public sealed class PostmortemTests
{
    private static readonly DateTimeOffset ResolvedAt = new(2026, 1, 5, 11, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // The seeds' timeline from the resolution: draft after 24 h,
    [InlineData(0, PostmortemMilestone.Draft, "2026-01-06")]
    // review after 72 h,
    [InlineData(1, PostmortemMilestone.Review, "2026-01-08")]
    // action items after a week,
    [InlineData(2, PostmortemMilestone.Actions, "2026-01-12")]
    // follow-up after a month of 30 days.
    [InlineData(3, PostmortemMilestone.FollowUp, "2026-02-04")]
    public void Each_milestone_is_due_at_its_time_after_the_resolve(int done, PostmortemMilestone milestone, string date)
    {
        var due = DateTimeOffset.Parse($"{date}T11:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(new PostmortemStep.Reach(milestone, due), PostmortemPlan.Next(State() with { Done = done }));
    }

    [Theory]
    // Reopened before the first, or before the last.
    [InlineData(0, true)]
    [InlineData(3, true)]
    // Reopened when all is done: nothing is left to suspend.
    [InlineData(4, false)]
    public void A_reopening_suspends_what_is_left(int done, bool expected) =>
        Assert.Equal(expected, PostmortemPlan.Next(State() with { Done = done, Reopened = true }) is PostmortemStep.Suspend);

    [Theory]
    [InlineData(IncidentSignalKind.Resolved, Severity.Sev1, PostmortemReaction.Begin)]
    [InlineData(IncidentSignalKind.Resolved, Severity.Sev2, PostmortemReaction.Begin)]
    // Never as bad as the configured severities: none.
    [InlineData(IncidentSignalKind.Resolved, Severity.Sev3, PostmortemReaction.NotWanted)]
    // Whatever the severity is now, one that runs is suspended.
    [InlineData(IncidentSignalKind.Reopened, Severity.Sev3, PostmortemReaction.Suspend)]
    // Learning goes on after the close.
    [InlineData(IncidentSignalKind.Closed, Severity.Sev1, PostmortemReaction.None)]
    [InlineData(IncidentSignalKind.UpdatePosted, Severity.Sev1, PostmortemReaction.None)]
    public void It_begins_with_the_resolve_of_a_severe_incident(IncidentSignalKind kind, Severity severity, PostmortemReaction expected) =>
        Assert.Equal(expected, PostmortemSubscriber.Decide(kind, severity, new PostmortemConfiguration().Severities));

    [Fact]
    public async Task F17_What_was_a_Sev1_gets_its_postmortem_though_it_was_lowered_before_the_resolve()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.SetSeverityAsync(Severity.Sev3);
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromHours(24));
        Assert.Equal(Severity.Sev1, (await desk.Documents.GetAsync("INC-1", Token))!.Severity);
    }

    [Fact]
    public async Task Four_milestones_each_a_line_and_a_reminder_also_after_the_close()
    {
        using var desk = new IncidentDesk();
        await ResolveAsync(desk, Severity.Sev1);
        await desk.CloseAsync();
        await desk.RunForAsync(TimeSpan.FromDays(31));

        var lines = (await desk.TimelineAsync()).Where(entry => entry.Kind == TimelineKind.Postmortem).ToList();
        Assert.Equal(
            [ResolvedAt.AddHours(24), ResolvedAt.AddHours(72), ResolvedAt.AddDays(7), ResolvedAt.AddDays(30)], lines.Select(line => line.At));
        Assert.Equal(
            [
                "Wrote the postmortem draft from this timeline and notified Alice Chen. The review is due 2026-01-08 11:00 UTC.",
                "The postmortem review meeting is due. Notified Alice Chen. Action items are due 2026-01-12 11:00 UTC.",
                "The postmortem action items are due, with owners and dates. Notified Alice Chen. The follow-up is due 2026-02-04 11:00 UTC.",
                "The postmortem follow-up is due: are the action items done? Notified Alice Chen.",
            ],
            lines.Select(line => line.Text));
        var reminders = await desk.SentAsync(NotificationPurpose.PostmortemReminder);
        Assert.Equal(lines.Select(line => line.At), reminders.Select(reminder => reminder.CreatedAt));
        Assert.All(reminders, reminder => Assert.Equal("alice", reminder.PersonId));
        Assert.Equal(new Uri("http://localhost:7071/api/incidents/INC-1/postmortem"), reminders[0].Link);
        Assert.Equal("completed", (await desk.InstanceAsync("postmortem")).Output!.Value.GetString());
    }

    [Fact]
    public async Task The_status_says_what_is_next()
    {
        using var desk = new IncidentDesk();
        await ResolveAsync(desk, Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromHours(25));
        var status = await desk.StatusAsync<PostmortemStatus>("postmortem");
        Assert.Equal((PostmortemMilestone.Review, ResolvedAt.AddHours(72), false), (status.Next, status.NextDueAt!.Value, status.Suspended));
        Assert.Equal([PostmortemMilestone.Draft], status.Done);
    }

    [Fact]
    public async Task A_reopening_suspends_it_and_the_next_resolve_begins_another()
    {
        using var desk = new IncidentDesk();
        await ResolveAsync(desk, Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromHours(25));
        await desk.ReopenAsync();
        Assert.Equal("suspended", (await desk.InstanceAsync("postmortem")).Output!.Value.GetString());
        Assert.Equal(
            "Postmortem suspended before its review: the incident was reopened. The next resolve begins a new one.",
            (await desk.TimelineAsync())[^1].Text);

        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromDays(31));
        Assert.Equal("completed", (await desk.InstanceAsync("postmortem", round: 2)).Output!.Value.GetString());

        // A draft of each round, and the other three of the second.
        Assert.Equal(5, (await desk.SentAsync(NotificationPurpose.PostmortemReminder)).Count);
        Assert.Equal(2, (await desk.Documents.GetAsync(desk.Id, Token))!.Round);
    }

    [Fact]
    public async Task A_resolve_and_a_reopening_told_at_once_leave_a_suspended_first_round()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.Store.EditAsync(desk.Id, change => IncidentTransitions.Resolve(change, "alice", note: null, force: false), Token);
        await desk.ReopenAsync();
        await desk.RunForAsync(TimeSpan.FromDays(31));
        Assert.Equal("suspended", (await desk.InstanceAsync("postmortem")).Output!.Value.GetString());
        Assert.Null(await desk.Orchestrations.GetAsync("postmortem-INC-1.2", Token));
        Assert.Null(await desk.Documents.GetAsync(desk.Id, Token));
    }

    [Fact]
    public async Task A_lesser_severity_has_none()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev4);
        await desk.SetSeverityAsync(Severity.Sev3);
        await desk.ResolveAsync();
        Assert.Null(await desk.Orchestrations.GetAsync("postmortem-INC-1", Token));
    }

    [Fact]
    public async Task After_downtime_all_that_was_due_is_made_up_for_in_order()
    {
        using var desk = new IncidentDesk();
        await ResolveAsync(desk, Severity.Sev1);
        await desk.SleepAsync(TimeSpan.FromDays(8));
        var titles = (await desk.SentAsync(NotificationPurpose.PostmortemReminder)).Select(reminder => reminder.Title);
        Assert.Equal(
            [
                "[SEV-1] The postmortem draft is ready to be completed",
                "[SEV-1] The postmortem review meeting is due",
                "[SEV-1] The action items are due, each with an owner and a date",
            ],
            titles);
    }

    [Theory]
    [InlineData(PostmortemMilestone.Draft)]
    [InlineData(PostmortemMilestone.Review)]
    [InlineData(PostmortemMilestone.Actions)]
    [InlineData(PostmortemMilestone.FollowUp)]
    public async Task Run_twice_a_milestone_leaves_one_line_and_one_reminder(PostmortemMilestone milestone)
    {
        using var desk = new IncidentDesk();
        await ResolveAsync(desk, Severity.Sev1);
        var task = Task(desk, milestone);
        Assert.Equal(PostmortemDecision.Reached, await desk.Postmortem.ReachAsync(task, Token));
        var document = await desk.Documents.GetAsync(desk.Id, Token);
        desk.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(PostmortemDecision.Reached, await desk.Postmortem.ReachAsync(task, Token));

        Assert.Single(await desk.LinesAsync(TimelineKind.Postmortem));
        Assert.Single(await desk.SentAsync(NotificationPurpose.PostmortemReminder));
        Assert.Equal(document, await desk.Documents.GetAsync(desk.Id, Token));
        Assert.Equal(milestone == PostmortemMilestone.Draft, document is not null);
    }

    [Fact]
    public async Task Run_twice_a_suspension_leaves_one_line()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        var suspension = new PostmortemSuspension(desk.Id, 1, PostmortemMilestone.Review);
        await desk.Postmortem.SuspendAsync(suspension, Token);
        await desk.Postmortem.SuspendAsync(suspension, Token);
        Assert.Single(await desk.LinesAsync(TimelineKind.Postmortem));
    }

    [Fact]
    public async Task A_milestone_of_an_incident_that_just_came_back_tells_nobody()
    {
        using var desk = new IncidentDesk();
        await ResolveAsync(desk, Severity.Sev1);
        await desk.ReopenAsync();
        var before = (await desk.TimelineAsync()).Count;
        Assert.Equal(PostmortemDecision.Reopened, await desk.Postmortem.ReachAsync(Task(desk, PostmortemMilestone.Draft), Token));
        Assert.Equal(before, (await desk.TimelineAsync()).Count);
        Assert.Null(await desk.Documents.GetAsync(desk.Id, Token));
    }

    [Fact]
    public async Task An_incident_without_a_commander_reminds_the_configured_owner()
    {
        var configuration = IncidentDesk.DefaultConfiguration with { Postmortem = new PostmortemConfiguration { Owner = "carol" } };
        using var desk = new IncidentDesk(configuration);
        await desk.OpenAsync(Severity.Sev2);
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromHours(24));
        Assert.Equal("carol", Assert.Single(await desk.SentAsync(NotificationPurpose.PostmortemReminder)).PersonId);
    }

    [Fact]
    public async Task The_newest_version_of_the_newest_round_is_the_postmortem()
    {
        var store = new PostmortemStore(new InMemoryEntityTable());
        Assert.Null(await store.GetAsync("INC-7", Token));
        foreach (var (round, version) in new[] { (1, 1), (1, 2), (2, 1) })
        {
            Assert.True(await store.AddAsync(Written(round, version), Token));
        }

        Assert.False(await store.AddAsync(Written(2, 1) with { Markdown = "other" }, Token));
        Assert.Equal(Written(2, 1), await store.GetAsync("INC-7", Token));
    }

    private static Postmortem Written(int round, int version) => new("INC-7", round, version, "It failed", Severity.Sev1, ResolvedAt, $"# {round}.{version}");

    private static async Task ResolveAsync(IncidentDesk desk, Severity severity)
    {
        await desk.OpenAsync(severity);
        await desk.AcknowledgeAsync("alice");
        desk.Clock.AdvanceTo(ResolvedAt);
        await desk.ResolveAsync();
    }

    private static PostmortemState State() =>
        new("INC-7", 1, ResolvedAt, PostmortemTimes.Of(new PostmortemConfiguration()));

    private static PostmortemTask Task(IncidentDesk desk, PostmortemMilestone milestone) => new(
        desk.Id, 1, milestone, Enum.GetValues<PostmortemMilestone>().ToDictionary(each => each, each => PostmortemPlan.DueAt(State(), each)));
}
