using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class IncidentTransitionsTests
{
    private static readonly DateTimeOffset Now = SampleAlert.Monday.AddHours(1);

    [Theory]
    // Over: nothing is left to acknowledge, to judge, to move or to resolve.
    [InlineData("acknowledge", IncidentStage.Resolved, 0, CommandRefusal.AlreadyResolved)]
    [InlineData("acknowledge", IncidentStage.Closed, 0, CommandRefusal.AlreadyResolved)]
    [InlineData("severity", IncidentStage.Resolved, 0, CommandRefusal.AlreadyResolved)]
    [InlineData("identified", IncidentStage.Resolved, 0, CommandRefusal.AlreadyResolved)]
    [InlineData("identified", IncidentStage.Closed, 0, CommandRefusal.AlreadyResolved)]
    [InlineData("resolve", IncidentStage.Resolved, 0, CommandRefusal.AlreadyResolved)]
    [InlineData("force", IncidentStage.Closed, 0, CommandRefusal.AlreadyResolved)]
    // It is so already.
    [InlineData("identified", IncidentStage.Identified, 0, CommandRefusal.NoChange)]
    [InlineData("resolved", IncidentStage.Resolved, 0, CommandRefusal.NoChange)]
    [InlineData("closed", IncidentStage.Closed, 0, CommandRefusal.NoChange)]
    [InlineData("same severity", IncidentStage.Investigating, 0, CommandRefusal.NoChange)]
    // Only what is resolved is closed.
    [InlineData("closed", IncidentStage.Monitoring, 0, CommandRefusal.NotResolved)]
    // Alerts still fire, by whichever command it is resolved.
    [InlineData("resolve", IncidentStage.Monitoring, 1, CommandRefusal.StillFiring)]
    [InlineData("resolved", IncidentStage.Monitoring, 1, CommandRefusal.StillFiring)]
    [InlineData("update resolved", IncidentStage.Monitoring, 1, CommandRefusal.StillFiring)]
    // What may be done.
    [InlineData("acknowledge", IncidentStage.Monitoring, 1, CommandRefusal.None)]
    [InlineData("severity", IncidentStage.Detected, 1, CommandRefusal.None)]
    [InlineData("identified", IncidentStage.Monitoring, 1, CommandRefusal.None)]
    [InlineData("resolve", IncidentStage.Detected, 0, CommandRefusal.None)]
    [InlineData("force", IncidentStage.Detected, 1, CommandRefusal.None)]
    [InlineData("closed", IncidentStage.Resolved, 0, CommandRefusal.None)]
    // The final update comes after the resolve.
    [InlineData("update", IncidentStage.Resolved, 0, CommandRefusal.None)]
    // An update that names the stage it is in.
    [InlineData("update resolved", IncidentStage.Resolved, 0, CommandRefusal.None)]
    public void A_command_is_done_or_refused(string command, IncidentStage stage, int firing, CommandRefusal expected)
    {
        var change = Change(stage, firing);
        var refusal = command switch
        {
            "acknowledge" => IncidentTransitions.Acknowledge(change, "alice"),
            "severity" => IncidentTransitions.SetSeverity(change, Severity.Sev1, "worse", "alice"),
            "same severity" => IncidentTransitions.SetSeverity(change, Severity.Sev2, "same", "alice"),
            "update" => IncidentTransitions.PostUpdate(change, "All is well.", "alice", stage: null),
            "update resolved" => IncidentTransitions.PostUpdate(change, "All is well.", "alice", IncidentStage.Resolved),
            "resolve" => IncidentTransitions.Resolve(change, "alice", note: null, force: false),
            "force" => IncidentTransitions.Resolve(change, "alice", note: null, force: true),
            _ => IncidentTransitions.SetStage(change, Enum.Parse<IncidentStage>(command, ignoreCase: true), "alice"),
        };
        Assert.Equal(expected, refusal);
        Assert.Equal(expected != CommandRefusal.None, change.IsEmpty);
    }

    [Fact]
    public void The_first_acknowledgement_names_the_commander_and_begins_the_investigation()
    {
        var change = Change(IncidentStage.Detected);
        IncidentTransitions.Acknowledge(change, "alice");

        var head = change.Head;
        Assert.Equal((Now, "alice", Now, "alice"), (head.AcknowledgedAt, head.AcknowledgedBy, head.EscalationAcknowledgedAt, head.Commander));
        Assert.Equal(IncidentStage.Investigating, head.Stage);
        Assert.False(head.WantsPages);
        Assert.Equal([TimelineKind.Acknowledged, TimelineKind.CommanderNamed], change.Entries.Select(entry => entry.Kind));
        Assert.Equal(CommandRefusal.AlreadyAcknowledged, IncidentTransitions.Acknowledge(change, "bob"));
    }

    [Fact]
    public void A_later_acknowledgement_keeps_the_first_ones_time_and_the_commander()
    {
        var before = Sample(IncidentStage.Monitoring) with { AcknowledgedAt = Now.AddHours(-1), AcknowledgedBy = "alice", Commander = "carol" };
        var change = new IncidentChange(before, Now);
        Assert.Equal(CommandRefusal.None, IncidentTransitions.Acknowledge(change, "bob"));
        Assert.Equal((Now.AddHours(-1), "alice", "carol"), (change.Head.AcknowledgedAt, change.Head.AcknowledgedBy, change.Head.Commander));
        Assert.Equal((Now, IncidentStage.Monitoring), (change.Head.EscalationAcknowledgedAt, change.Head.Stage));
        Assert.Single(change.Entries);
    }

    [Theory]
    // A rise after the acknowledgement pages again, as an escalation of its own.
    [InlineData(Severity.Sev1, true, 2, true, IncidentSignalKind.SeverityRaised)]
    // Before it, the one that runs is told.
    [InlineData(Severity.Sev1, false, 1, true, IncidentSignalKind.SeverityRaised)]
    // A milder judgement wakes nobody.
    [InlineData(Severity.Sev3, true, 1, false, IncidentSignalKind.SeverityLowered)]
    public void A_severity_that_changes(Severity severity, bool acknowledged, int escalationRound, bool wantsPages, IncidentSignalKind signal)
    {
        var change = new IncidentChange(Sample(IncidentStage.Investigating) with { EscalationAcknowledgedAt = acknowledged ? Now : null }, Now);
        IncidentTransitions.SetSeverity(change, severity, "looked closer", "alice");
        Assert.Equal((severity, "looked closer"), (change.Head.Severity, change.Head.SeverityReason));
        Assert.Equal((escalationRound, wantsPages), (change.Head.EscalationRound, change.Head.WantsPages));
        var told = Assert.Single(change.Head.Signals);
        Assert.Equal((signal, escalationRound), (told.Kind, told.EscalationRound));
    }

    [Fact]
    public void Updates_are_numbered_and_may_move_the_stage()
    {
        var change = Change(IncidentStage.Investigating);
        IncidentTransitions.PostUpdate(change, "Looking.", "alice", stage: null);
        IncidentTransitions.PostUpdate(change, "Rolled back.", "alice", IncidentStage.Monitoring);
        Assert.Equal((2, Now, Now), (change.Head.UpdateCount, change.Head.LastUpdateAt, change.Head.MitigatedAt));
        Assert.Equal(["Update #1: Looking.", "investigating → monitoring.", "Update #2: Rolled back."], change.Entries.Select(entry => entry.Text));
        Assert.Equal([0, 1, 2], change.Entries.Select(entry => entry.Number));
    }

    [Theory]
    // Mitigated and then broken again: the impact goes on, and ends with the resolve.
    [InlineData("monitoring investigating", null)]
    [InlineData("monitoring identified", null)]
    // Said twice: the first time counts.
    [InlineData("monitoring", 0)]
    // Broken and mitigated again: the second time counts.
    [InlineData("monitoring investigating monitoring", 20)]
    public void F19_Going_back_to_the_cause_takes_the_mitigation_back(string stages, int? mitigatedMinute)
    {
        var head = Sample(IncidentStage.Investigating);
        var minute = 0;
        foreach (var stage in stages.Split(' '))
        {
            var change = new IncidentChange(head, Now.AddMinutes(minute));
            Assert.Equal(CommandRefusal.None, IncidentTransitions.SetStage(change, Enum.Parse<IncidentStage>(stage, ignoreCase: true), "alice"));
            head = change.Head;
            minute += 10;
        }

        DateTimeOffset? expected = mitigatedMinute is { } at ? Now.AddMinutes(at) : null;
        Assert.Equal(expected, head.MitigatedAt);
        var resolved = new IncidentChange(head, Now.AddHours(2));
        IncidentTransitions.Resolve(resolved, "alice", note: null, force: false);
        Assert.Equal(expected ?? Now.AddHours(2), resolved.Head.MitigatedAt);
    }

    [Theory]
    // Lowered before the resolve, in one step and in two.
    [InlineData("1,3", Severity.Sev1)]
    [InlineData("1,2,4", Severity.Sev1)]
    // Raised: the worst is the last.
    [InlineData("3,1", Severity.Sev1)]
    // Only ever lowered.
    [InlineData("3,4", Severity.Sev2)]
    [InlineData("", Severity.Sev2)]
    public void F17_The_worst_severity_is_kept(string severities, Severity expected)
    {
        var change = Change(IncidentStage.Investigating);
        foreach (var severity in severities.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            IncidentTransitions.SetSeverity(change, (Severity)(severity[0] - '0'), "looked closer", "alice");
        }

        Assert.Equal(expected, change.Head.Worst);
        IncidentTransitions.Reopen(change, "A fired again.", holdPageUntil: null);
        Assert.Equal(expected, change.Head.Worst);
    }

    [Theory]
    [InlineData(0, null, "Resolved by alice")]
    [InlineData(0, "rolled back", "Resolved by alice: rolled back")]
    // Who overrules the alerts is named with them.
    [InlineData(1, null, "Resolved by alice while 1 alert was still firing")]
    [InlineData(3, "false alarms", "Resolved by alice while 3 alerts were still firing: false alarms")]
    public void A_resolve_says_who_and_over_what(int firing, string? note, string expected)
    {
        var change = Change(IncidentStage.Investigating, firing);
        IncidentTransitions.Resolve(change, "alice", note, force: true);
        Assert.Equal((IncidentStage.Resolved, Now, "alice", Now), (change.Head.Stage, change.Head.ResolvedAt, change.Head.ResolvedBy, change.Head.MitigatedAt));
        Assert.Equal(expected, Assert.Single(change.Entries).Text);
    }

    [Fact]
    public void A_reopening_begins_a_round_that_pages_again()
    {
        var before = Sample(IncidentStage.Resolved) with
        {
            ResolvedAt = Now.AddMinutes(-5), ResolvedBy = "alice", MitigatedAt = Now.AddMinutes(-6), EscalationAcknowledgedAt = Now.AddMinutes(-20), Commander = "alice",
        };
        var change = new IncidentChange(before, Now);
        IncidentTransitions.Reopen(change, "A fired again.", Now.AddMinutes(10));

        var head = change.Head;
        Assert.Equal((IncidentStage.Investigating, 2, 2, Now), (head.Stage, head.Round, head.EscalationRound, head.RoundStartedAt));
        Assert.True(head.WantsPages);
        Assert.Equal("alice", head.Commander);
        Assert.Null(head.ResolvedAt ?? head.MitigatedAt);
        Assert.Null(head.ResolvedBy);
        var told = Assert.Single(head.Signals);
        Assert.Equal((IncidentSignalKind.Reopened, 2, Now.AddMinutes(10)), (told.Kind, told.Round, told.HoldPageUntil));
    }

    [Fact]
    public void D7_A_rise_after_the_acknowledgement_is_held_by_nothing()
    {
        var change = new IncidentChange(
            Sample(IncidentStage.Investigating) with { EscalationAcknowledgedAt = Now, HoldPageUntil = Now.AddMinutes(20) }, Now);
        IncidentTransitions.SetSeverity(change, Severity.Sev1, "worse", "alice");

        Assert.True(change.Head.WantsPages);
        Assert.False(change.Head.IsHeld(Now));
        Assert.Null(change.Head.HoldPageUntil);
    }

    private static Incident Sample(IncidentStage stage) => SampleIncident.Create(1, Severity.Sev2, "2026-01-05T09:00") with { Stage = stage };

    private static IncidentChange Change(IncidentStage stage, int firing = 0) => new(Sample(stage) with { FiringAlerts = firing }, Now);
}
