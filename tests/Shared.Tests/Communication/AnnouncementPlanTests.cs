using Pipeline.Communication;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Communication;

public sealed class AnnouncementPlanTests
{
    private static readonly EscalationPolicyConfiguration Policy =
        new("default", [new("first", ["alice"], TimeSpan.FromMinutes(5)), new("second", ["bob"], TimeSpan.FromMinutes(5))]);

    /// <summary>Signal; was paged, has it, is paged anew, did it.</summary>
    public static TheoryData<IncidentSignalKind, bool, bool, bool, bool, AnnouncementDecision> People => new()
    {
        // It is over: who was paged hears it, whoever has it too.
        { IncidentSignalKind.Resolved, true, false, false, false, AnnouncementDecision.Tell },
        { IncidentSignalKind.Resolved, false, true, false, false, AnnouncementDecision.Tell },

        // Nobody who slept through it is disturbed.
        { IncidentSignalKind.Resolved, false, false, false, false, AnnouncementDecision.NotConcerned },
        { IncidentSignalKind.Reopened, false, false, true, false, AnnouncementDecision.NotConcerned },

        // Whoever resolved it knows.
        { IncidentSignalKind.Resolved, true, true, false, true, AnnouncementDecision.DidIt },
        { IncidentSignalKind.SeverityRaised, true, true, false, true, AnnouncementDecision.DidIt },

        // It came back: a page says so to some, the others hear it.
        { IncidentSignalKind.Reopened, true, false, true, false, AnnouncementDecision.PagedAnew },
        { IncidentSignalKind.Reopened, true, false, false, false, AnnouncementDecision.Tell },
        { IncidentSignalKind.Reopened, false, true, false, false, AnnouncementDecision.Tell },

        // It got worse: likewise.
        { IncidentSignalKind.SeverityRaised, true, true, true, false, AnnouncementDecision.PagedAnew },
        { IncidentSignalKind.SeverityRaised, true, false, false, false, AnnouncementDecision.Tell },

        // What needs nobody's attention, or is told by others.
        { IncidentSignalKind.Opened, true, true, false, false, AnnouncementDecision.NotNews },
        { IncidentSignalKind.Acknowledged, true, true, false, false, AnnouncementDecision.NotNews },
        { IncidentSignalKind.SeverityLowered, true, true, false, false, AnnouncementDecision.NotNews },
        { IncidentSignalKind.UpdatePosted, true, true, false, false, AnnouncementDecision.NotNews },
        { IncidentSignalKind.StageChanged, true, true, false, false, AnnouncementDecision.NotNews },
        { IncidentSignalKind.HoldLifted, true, true, false, false, AnnouncementDecision.NotNews },
        { IncidentSignalKind.Closed, true, true, false, false, AnnouncementDecision.NotNews },
        { IncidentSignalKind.Widened, true, true, false, false, AnnouncementDecision.NotNews },
        { IncidentSignalKind.AlertsJoined, true, true, false, false, AnnouncementDecision.NotNews },
    };

    [Theory]
    [MemberData(nameof(People))]
    public void FirstUse_Who_is_told_of_what(IncidentSignalKind kind, bool wasPaged, bool hasIt, bool isPagedAnew, bool didIt, AnnouncementDecision expected) =>
        Assert.Equal(expected, AnnouncementPlan.Decide(kind, new Involvement(wasPaged, hasIt, isPagedAnew, didIt)));

    [Fact]
    public void FirstUse_Every_reason_is_reached() =>
        Assert.Equal(Enum.GetValues<AnnouncementDecision>().Order(), People.Select(row => row.Data.Item6).Distinct().Order());

    [Theory]
    // A reopening pages the first level.
    [InlineData(IncidentSignalKind.Reopened, "", false, Severity.Sev1, "alice")]
    // Not inside the cooldown.
    [InlineData(IncidentSignalKind.Reopened, "", true, Severity.Sev1, "")]
    // Not for a severity that wakes nobody.
    [InlineData(IncidentSignalKind.Reopened, "", false, Severity.Sev4, "")]
    [InlineData(IncidentSignalKind.SeverityRaised, "alice", false, Severity.Sev4, "")]
    // A rise after the acknowledgement begins another escalation, whether or not its page went out already.
    [InlineData(IncidentSignalKind.SeverityRaised, "", false, Severity.Sev1, "alice")]
    [InlineData(IncidentSignalKind.SeverityRaised, "alice", false, Severity.Sev1, "alice")]
    // One before it pages the present level again.
    [InlineData(IncidentSignalKind.SeverityRaised, "alice,bob", false, Severity.Sev1, "alice,bob")]
    // A resolve pages nobody.
    [InlineData(IncidentSignalKind.Resolved, "alice", false, Severity.Sev1, "")]
    public void FirstUse_Whom_the_signals_own_page_reaches(
        IncidentSignalKind kind, string pagedInRound, bool isHeld, Severity severity, string expected)
    {
        var incident = SampleIncident.Create(7, severity, "2026-01-05T09:00");
        var signal = new IncidentSignal("INC-7:3", kind, incident.DetectedAt, 1, 1, HoldPageUntil: isHeld ? incident.DetectedAt.AddMinutes(20) : null);
        var paged = pagedInRound.Split(',', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(expected, string.Join(',', AnnouncementPlan.PagedAnew(incident, signal, Policy, paged)));
        Assert.Empty(AnnouncementPlan.PagedAnew(incident, signal, policy: null, paged));
    }
}
