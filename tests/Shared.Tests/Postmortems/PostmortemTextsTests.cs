using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Postmortems;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Postmortems;

public sealed class PostmortemTextsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly PostmortemConfiguration OneMinute = new() { Draft = TimeSpan.FromMinutes(1) };

    public static TheoryData<string, Incident?, PostmortemConfiguration, string> Absences => new()
    {
        // Nothing of that id.
        { "INC-9", null, OneMinute, "There is no incident 'INC-9'." },

        // Not over: the configured time, not the default.
        { "INC-1", Sample(Severity.Sev1), OneMinute, "INC-1 is open. The draft is written 1 min after its resolve." },

        // Over, and the draft is on its way.
        { "INC-1", Sample(Severity.Sev2, resolved: true), OneMinute, "INC-1 has no postmortem yet. The draft is due at 09:01 UTC, 1 min after the resolve." },
        { "INC-1", Sample(Severity.Sev2, resolved: true), new(), "INC-1 has no postmortem yet. The draft is due at 2026-01-06 09:00 UTC, 1 d after the resolve." },

        // None is asked for.
        { "INC-1", Sample(Severity.Sev3, resolved: true), new(), "INC-1 is SEV-3; postmortems are written for SEV-1, SEV-2." },
        { "INC-1", Sample(Severity.Sev2), OneMinute with { Severities = [Severity.Sev1] }, "INC-1 is SEV-2; postmortems are written for SEV-1." },
        { "INC-1", Sample(Severity.Sev1), OneMinute with { Severities = [] }, "INC-1 is SEV-1; postmortems are written for no severity." },
    };

    [Theory]
    [MemberData(nameof(Absences))]
    public void FirstUse_A_missing_postmortem_says_why_by_configuration_and_severity(
        string id, Incident? incident, PostmortemConfiguration configuration, string says) =>
        Assert.Equal(says, PostmortemTexts.Absent(id, incident, configuration, Now));

    private static Incident Sample(Severity severity, bool resolved = false) =>
        SampleIncident.Create(1, severity, "2026-01-05T08:00", resolved: resolved ? "2026-01-05T09:00" : null);
}
