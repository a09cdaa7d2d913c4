using Pipeline.Escalation;
using Pipeline.Incidents;
using Xunit;

namespace Pipeline.Shared.Tests.Escalation;

/// <summary>The seeds' ladder: primary 5 min, secondary 10, manager 15, director 15.</summary>
public sealed class EscalationPlanTests
{
    private static readonly string[] Names = ["primary", "secondary", "manager", "director"];
    private static readonly int[] Waits = [5, 10, 15, 15];
    private static readonly DateTimeOffset PagedAt = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    // It begins at the bottom.
    [InlineData("", 0, 0, 0, "page primary 0.0, wait 5")]
    [InlineData("", 0, 0, 1, "page secondary 0.1, wait 10")]
    [InlineData("", 0, 0, 2, "page manager 0.2, wait 15")]
    [InlineData("", 0, 0, 3, "page director 0.3, wait 15")]
    // After the last level nobody is left.
    [InlineData("", 0, 0, 4, "Exhausted")]
    // With a repetition it starts again from the bottom.
    [InlineData("", 1, 0, 4, "page primary 1.0, wait 5")]
    [InlineData("", 1, 1, 3, "page director 1.3, wait 15")]
    [InlineData("", 1, 1, 4, "Exhausted")]
    // A level without people is passed over.
    [InlineData("primary", 0, 0, 0, "page secondary 0.1, wait 10")]
    [InlineData("secondary,manager", 0, 0, 1, "page director 0.3, wait 15")]
    // At the end of a pass too.
    [InlineData("director", 0, 0, 3, "Exhausted")]
    [InlineData("director", 1, 0, 3, "page primary 1.0, wait 5")]
    // Over the end of a pass to the next level that has somebody.
    [InlineData("primary,director", 1, 0, 3, "page secondary 1.1, wait 10")]
    // Nobody at all is said so, whatever the repetitions.
    [InlineData("primary,secondary,manager,director", 3, 0, 0, "NobodyToPage")]
    public void The_next_step(string empty, int repeat, int pass, int level, string expected)
    {
        var step = EscalationPlan.Next(Ladder(empty, repeat), new EscalationPosition(pass, level), Severity.Sev1);
        var words = step is { Position: { } at, Rung: { } rung } ? $"page {rung.Name} {at.Pass}.{at.Level}, wait {step.Wait.TotalMinutes}" : step.Outcome.ToString();
        Assert.Equal(expected, words);
    }

    [Fact]
    public void A_ladder_without_levels_names_nobody() =>
        Assert.Equal(
            EscalationOutcome.NobodyToPage,
            EscalationPlan.Next(Ladder("", 0) with { Rungs = [] }, EscalationPosition.Start, Severity.Sev1).Outcome);

    [Theory]
    // A severity with a wait of its own has it on every level.
    [InlineData(Severity.Sev1, 2)]
    // The others have the level's.
    [InlineData(Severity.Sev2, 5)]
    public void The_wait_is_the_severity_s_where_it_has_one(Severity severity, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), EscalationPlan.Next(Hasty, EscalationPosition.Start, severity).Wait);

    [Theory]
    // Worse: the shorter wait counts from the page.
    [InlineData(Severity.Sev1, 5, 2)]
    // Milder: nothing lengthens a wait.
    [InlineData(Severity.Sev3, 2, 2)]
    // No wait of its own: as it was.
    [InlineData(Severity.Sev2, 5, 5)]
    public void A_changed_severity_can_shorten_the_wait(Severity severity, int due, int expected) =>
        Assert.Equal(
            PagedAt.AddMinutes(expected),
            EscalationPlan.DueAfterSeverityChange(Hasty, Hasty.Rungs[0], severity, PagedAt, PagedAt.AddMinutes(due)));

    [Theory]
    [InlineData(IncidentSignalKind.Acknowledged, EscalationOutcome.Acknowledged)]
    [InlineData(IncidentSignalKind.Resolved, EscalationOutcome.Resolved)]
    [InlineData(IncidentSignalKind.Closed, EscalationOutcome.Resolved)]
    // The rest doesn't stop it.
    [InlineData(IncidentSignalKind.SeverityRaised, null)]
    [InlineData(IncidentSignalKind.SeverityLowered, null)]
    [InlineData(IncidentSignalKind.UpdatePosted, null)]
    [InlineData(IncidentSignalKind.HoldLifted, null)]
    public void What_ends_an_escalation(IncidentSignalKind kind, EscalationOutcome? expected) =>
        Assert.Equal(expected, EscalationPlan.OutcomeOf(Hasty, kind, Severity.Sev2));

    [Fact]
    public void A_severity_lowered_to_one_that_wakes_nobody_ends_an_escalation() =>
        Assert.Equal(EscalationOutcome.NoLongerPages, EscalationPlan.OutcomeOf(Hasty, IncidentSignalKind.SeverityLowered, Severity.Sev4));

    [Theory]
    [InlineData(IncidentSignalKind.Opened, true, EscalationReaction.Start)]
    [InlineData(IncidentSignalKind.Reopened, true, EscalationReaction.Start)]
    [InlineData(IncidentSignalKind.SeverityRaised, true, EscalationReaction.Start)]
    // A severity that wakes nobody leaves its receipt.
    [InlineData(IncidentSignalKind.Opened, false, EscalationReaction.NoPage)]
    [InlineData(IncidentSignalKind.Reopened, false, EscalationReaction.NoPage)]
    [InlineData(IncidentSignalKind.SeverityRaised, false, EscalationReaction.NoPage)]
    // What runs is told, whatever the severity is now.
    [InlineData(IncidentSignalKind.Acknowledged, false, EscalationReaction.Tell)]
    [InlineData(IncidentSignalKind.Resolved, true, EscalationReaction.Tell)]
    [InlineData(IncidentSignalKind.Closed, true, EscalationReaction.Tell)]
    [InlineData(IncidentSignalKind.SeverityLowered, false, EscalationReaction.Tell)]
    // Nothing to do with paging.
    [InlineData(IncidentSignalKind.UpdatePosted, true, EscalationReaction.None)]
    [InlineData(IncidentSignalKind.StageChanged, true, EscalationReaction.None)]
    public void What_a_signal_means_to_paging(IncidentSignalKind kind, bool pages, EscalationReaction expected) =>
        Assert.Equal(expected, EscalationSubscriber.Decide(kind, pages));

    private static EscalationLadder Hasty => Ladder("", 0) with
    {
        TimeoutBySeverity = new Dictionary<Severity, TimeSpan> { [Severity.Sev1] = TimeSpan.FromMinutes(2), [Severity.Sev3] = TimeSpan.FromMinutes(20) },
    };

    private static EscalationLadder Ladder(string empty, int repeat) => new(
        "default",
        [.. Names.Zip(Waits, (name, wait) => new EscalationRung(name, empty.Split(',').Contains(name) ? [] : ["alice"], TimeSpan.FromMinutes(wait)))],
        repeat,
        new Dictionary<Severity, TimeSpan>(),
        [Severity.Sev1, Severity.Sev2, Severity.Sev3]);
}
