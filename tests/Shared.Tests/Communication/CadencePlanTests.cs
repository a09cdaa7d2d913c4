using Pipeline.Communication;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Xunit;

namespace Pipeline.Shared.Tests.Communication;

/// <summary>All times in minutes after the round's start.</summary>
public sealed class CadencePlanTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly CadenceTimes Seeds = CadenceTimes.Of(new CadenceConfiguration());

    [Theory]
    // SEV-1 has an update every 30 min; the reminder comes 5 min before.
    [InlineData(Severity.Sev1, 0, "remind at 25")]
    // SEV-2 every hour.
    [InlineData(Severity.Sev2, 0, "remind at 55")]
    // SEV-3 every 4 h.
    [InlineData(Severity.Sev3, 0, "remind at 235")]
    // SEV-4 has no clock: the first update is asked for at once.
    [InlineData(Severity.Sev4, 0, "remind at 0")]
    // Late, but before the due time: the reminder still makes sense.
    [InlineData(Severity.Sev1, 28, "remind at 25")]
    // At the due time a reminder is too late: the update is due.
    [InlineData(Severity.Sev1, 30, "due at 30")]
    public void A_round_begins_with_a_reminder(Severity severity, int now, string expected) =>
        Assert.Equal(expected, Words(CadencePlan.Next(Begin(severity), At(now))));

    [Theory]
    // Reminded: the due time is next.
    [InlineData(true, null, 26, "due at 30")]
    // Told at the due time: the first nudge comes after 10 min.
    [InlineData(true, 0, 30, "nudge 1 at 40, sent only")]
    // Nudges are counted from the due time.
    [InlineData(true, 4, 70, "nudge 5 at 80, sent only")]
    // Every sixth is written down.
    [InlineData(true, 5, 80, "nudge 6 at 90, on the timeline")]
    [InlineData(true, 11, 140, "nudge 12 at 150, on the timeline")]
    // Asleep for 3 h after the due time: one nudge stands for eighteen, and since the sixth was among them it is written down.
    [InlineData(true, 0, 210, "nudge 18 at 210, on the timeline")]
    // Awake again: the next at its own time.
    [InlineData(true, 18, 210, "nudge 19 at 220, sent only")]
    // After a day of nudges nobody hears another.
    [InlineData(true, 144, 1470, "rest")]
    // Asleep for a week: the last nudge is the last.
    [InlineData(true, 143, 10_000, "nudge 144 at 1470, on the timeline")]
    public void An_update_that_is_due_is_asked_for_until_it_comes(bool reminded, int? lastNudge, int now, string expected) =>
        Assert.Equal(expected, Words(CadencePlan.Next(Begin(Severity.Sev1) with { Reminded = reminded, LastNudge = lastNudge }, At(now))));

    [Theory]
    // On time.
    [InlineData(30, 0)]
    // Nine minutes of sleep miss no tick.
    [InlineData(39, 0)]
    // Three hours of sleep miss eighteen.
    [InlineData(210, 18)]
    // A month of sleep isn't more than a day of nudges.
    [InlineData(43_200, CadencePlan.MaxNudges)]
    public void Being_told_late_counts_as_the_nudges_that_were_missed(int now, int expectedNudge)
    {
        var state = Begin(Severity.Sev1);
        Assert.Equal(expectedNudge, CadencePlan.After(state, new CadenceStep.Due(At(30)), At(now)).LastNudge);
    }

    [Theory]
    // SEV-3 → SEV-1 early: the shorter interval counts from the same start.
    [InlineData(Severity.Sev3, Severity.Sev1, 10, 30)]
    // SEV-3 → SEV-1 when 30 min are over already: nobody is late before there was time to write.
    [InlineData(Severity.Sev3, Severity.Sev1, 100, 105)]
    // Less than the reminder's lead is left: it is made up to it.
    [InlineData(Severity.Sev3, Severity.Sev1, 28, 33)]
    // SEV-1 → SEV-2 gives more time.
    [InlineData(Severity.Sev1, Severity.Sev2, 10, 60)]
    // SEV-1 → SEV-2 when the update was overdue: it is due at the later time.
    [InlineData(Severity.Sev1, Severity.Sev2, 40, 60)]
    // SEV-1 → SEV-4 stops the clock.
    [InlineData(Severity.Sev1, Severity.Sev4, 10, null)]
    // SEV-4 → SEV-1 starts it.
    [InlineData(Severity.Sev4, Severity.Sev1, 10, 30)]
    public void A_severity_change_times_the_next_update_anew(Severity before, Severity after, int changedAt, int? expectedDue)
    {
        var kind = after.IsWorseThan(before) ? IncidentSignalKind.SeverityRaised : IncidentSignalKind.SeverityLowered;
        var state = CadencePlan.Apply(Begin(before), Happened(kind, changedAt, after));
        Assert.Equal(expectedDue is { } due ? At(due) : null, state.DueAt);
        Assert.Null(state.LastNudge);
    }

    [Fact]
    public void An_update_starts_the_clock_again_from_its_own_time()
    {
        var overdue = Begin(Severity.Sev1) with { Reminded = true, LastNudge = 1 };
        var state = CadencePlan.Apply(overdue, Happened(IncidentSignalKind.UpdatePosted, 40, updates: 1));
        Assert.Equal("remind at 65", Words(CadencePlan.Next(state, At(40))));
        Assert.Equal(At(70), state.DueAt);
    }

    [Theory]
    // A stage change moves no due time.
    [InlineData(IncidentSignalKind.StageChanged)]
    // Nor does an acknowledgement.
    [InlineData(IncidentSignalKind.Acknowledged)]
    // A closed incident still owes its final update.
    [InlineData(IncidentSignalKind.Closed)]
    // A reopening of this very round is how it began.
    [InlineData(IncidentSignalKind.Reopened)]
    public void Other_news_change_nothing(IncidentSignalKind kind) =>
        Assert.Equal(Begin(Severity.Sev1), CadencePlan.Apply(Begin(Severity.Sev1), Happened(kind, 10)));

    [Theory]
    // The same update told again.
    [InlineData(IncidentSignalKind.UpdatePosted)]
    // The same resolve.
    [InlineData(IncidentSignalKind.Resolved)]
    // The same severity.
    [InlineData(IncidentSignalKind.SeverityRaised)]
    public void An_event_that_comes_twice_counts_once(IncidentSignalKind kind)
    {
        var happened = Happened(kind, 10, Severity.Sev1, updates: 1);
        var once = CadencePlan.Apply(Begin(Severity.Sev3), happened);
        Assert.NotEqual(Begin(Severity.Sev3), once);
        Assert.Equal(once, CadencePlan.Apply(once, happened));
    }

    [Fact]
    public void An_older_severity_told_late_does_not_count()
    {
        var raised = CadencePlan.Apply(Begin(Severity.Sev3), Happened(IncidentSignalKind.SeverityRaised, 20, Severity.Sev1));
        Assert.Equal(raised, CadencePlan.Apply(raised, Happened(IncidentSignalKind.SeverityRaised, 10, Severity.Sev2)));
    }

    [Theory]
    // Nothing said yet: say that the final update is owed.
    [InlineData(Severity.Sev1, null, "final owed at 90")]
    // Said: remind once more after the interval of the severity.
    [InlineData(Severity.Sev1, 90, "final reminder at 120")]
    [InlineData(Severity.Sev2, 90, "final reminder at 150")]
    // SEV-4 has none; 4 h.
    [InlineData(Severity.Sev4, 90, "final reminder at 330")]
    // Said hours late after downtime: not both in one breath.
    [InlineData(Severity.Sev1, 300, "final reminder at 305")]
    public void A_resolve_leaves_the_final_update_owed(Severity severity, int? saidAt, string expected)
    {
        var state = CadencePlan.Apply(Begin(severity), Happened(IncidentSignalKind.Resolved, 90));
        if (saidAt is { } said)
        {
            state = CadencePlan.After(state, new CadenceStep.FinalOwed(At(90)), At(said));
        }

        Assert.Equal(expected, Words(CadencePlan.Next(state, At(saidAt ?? 90))));
    }

    [Fact]
    public void The_cadence_ends_with_the_final_update()
    {
        var resolved = CadencePlan.Apply(Begin(Severity.Sev1), Happened(IncidentSignalKind.Resolved, 90, updates: 2));
        var state = CadencePlan.Apply(resolved, Happened(IncidentSignalKind.UpdatePosted, 95, updates: 3));
        Assert.Equal("ended: FinalUpdatePosted", Words(CadencePlan.Next(state, At(95))));
    }

    [Fact]
    public void An_update_from_before_the_resolve_told_after_it_is_not_the_final_one()
    {
        var resolved = CadencePlan.Apply(Begin(Severity.Sev1), Happened(IncidentSignalKind.Resolved, 90, updates: 2));
        Assert.Equal(resolved, CadencePlan.Apply(resolved, Happened(IncidentSignalKind.UpdatePosted, 89, updates: 2)));
    }

    [Fact]
    public void The_cadence_ends_after_the_second_call_for_the_final_update()
    {
        var resolved = CadencePlan.Apply(Begin(Severity.Sev1), Happened(IncidentSignalKind.Resolved, 90));
        var said = CadencePlan.After(resolved, new CadenceStep.FinalOwed(At(90)), At(90));
        var again = CadencePlan.After(said, new CadenceStep.FinalReminder(At(120)), At(120));
        Assert.Equal("ended: FinalUpdateMissing", Words(CadencePlan.Next(again, At(120))));
    }

    [Theory]
    // It concerned nobody: nothing more is waited for.
    [InlineData(CadenceDecision.NobodyConcerned, "ended: NothingOwed")]
    // It was told.
    [InlineData(CadenceDecision.Tell, "final reminder at 330")]
    // Reopened: the news of it ends this round.
    [InlineData(CadenceDecision.OtherRound, "final reminder at 330")]
    public void FirstUse_The_cadence_of_what_concerned_nobody_ends_with_the_resolve(CadenceDecision decision, string expected)
    {
        var resolved = CadencePlan.Apply(Begin(Severity.Sev4), Happened(IncidentSignalKind.Resolved, 90));
        var after = CadencePlan.After(resolved, new CadenceStep.FinalOwed(At(90)), At(90), decision);
        Assert.Equal(expected, Words(CadencePlan.Next(after, At(90))));
        Assert.Equal(decision != CadenceDecision.NobodyConcerned, CadenceStatus.Of(after).FinalUpdateOwed);
    }

    [Fact]
    public void The_cadence_ends_when_the_next_round_begins()
    {
        var resolved = CadencePlan.Apply(Begin(Severity.Sev1), Happened(IncidentSignalKind.Resolved, 90));
        var state = CadencePlan.Apply(resolved, Happened(IncidentSignalKind.Reopened, 100, round: 2));
        Assert.Equal("ended: Reopened", Words(CadencePlan.Next(state, At(100))));
    }

    [Fact]
    public void Without_a_clock_one_reminder_is_all()
    {
        var reminded = CadencePlan.After(Begin(Severity.Sev4), new CadenceStep.Remind(At(0)), At(0));
        Assert.Equal("rest", Words(CadencePlan.Next(reminded, At(0))));
    }

    [Theory]
    // Much time: the configured 5 min.
    [InlineData(30, 5)]
    // Exactly twice as much.
    [InlineData(10, 5)]
    // Less: halfway.
    [InlineData(6, 3)]
    public void The_reminder_comes_before_the_due_time_but_not_too_soon(int interval, int expectedLead) =>
        Assert.Equal(TimeSpan.FromMinutes(expectedLead), Seeds.Lead(TimeSpan.FromMinutes(interval)));

    private static CadenceState Begin(Severity severity) =>
        CadencePlan.Start("INC-7", Happened(IncidentSignalKind.Opened, 0, severity), Start, Seeds);

    private static IncidentEvent Happened(
        IncidentSignalKind kind, int minute, Severity severity = Severity.Sev1, int updates = 0, int round = 1) =>
        new($"INC-7:{minute}", kind, At(minute), severity, By: null, Note: null, round, updates);

    private static DateTimeOffset At(int minute) => Start + TimeSpan.FromMinutes(minute);

    private static string Words(CadenceStep step)
    {
        var minute = step.At is { } at ? (at - Start).TotalMinutes : 0;
        return step switch
        {
            CadenceStep.Remind => $"remind at {minute}",
            CadenceStep.Due => $"due at {minute}",
            CadenceStep.Nudge nudge => $"nudge {nudge.Number} at {minute}, {(nudge.IsOnTimeline ? "on the timeline" : "sent only")}",
            CadenceStep.FinalOwed => $"final owed at {minute}",
            CadenceStep.FinalReminder => $"final reminder at {minute}",
            CadenceStep.Ended ended => $"ended: {ended.Reason}",
            _ => "rest",
        };
    }
}
