using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

/// <summary>What nobody wrote: the seeds' tables.</summary>
public sealed class ConfigurationDefaultsTests
{
    private static readonly PipelineConfiguration Defaults = Read("");

    /// <summary>Nothing, only comments, only a document marker, a byte order mark, and sections with nothing in them.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet\n")]
    [InlineData("---\n")]
    [InlineData("\uFEFF")]
    [InlineData("~")]
    [InlineData("{}")]
    [InlineData("people:\ncadence:\n  every:\nescalation: {}\naccess: {tokens: }\n")]
    public void A_file_without_content_is_the_built_in_configuration(string yaml)
    {
        Assert.Equal(Json(PipelineConfiguration.BuiltIn), Json(Read(yaml)));
    }

    [Fact]
    public void Out_of_the_box_the_ladder_of_the_seeds_pages_the_console()
    {
        var policy = Defaults.Escalation["default"];

        Assert.Equal(
            [("primary", 5.0), ("secondary", 10.0), ("manager", 15.0), ("director", 15.0)],
            policy.Levels.Select(level => (level.Name, level.Timeout.TotalMinutes)));
        Assert.All(policy.Levels, level => Assert.Equal(["console"], level.Targets));
        Assert.Equal([new ContactMethod("console")], Defaults.People["console"].Contacts);
        Assert.Equal(ChannelKind.Console, Defaults.Channels["console"].Kind);
        Assert.Equal([Severity.Sev1, Severity.Sev2, Severity.Sev3], policy.Pages);
    }

    [Fact]
    public void Updates_come_as_often_as_the_reference_seed_says()
    {
        Assert.Equal(
            new Dictionary<Severity, TimeSpan>
            {
                [Severity.Sev1] = TimeSpan.FromMinutes(30),
                [Severity.Sev2] = TimeSpan.FromHours(1),
                [Severity.Sev3] = TimeSpan.FromHours(4),
            },
            Defaults.Cadence.Every);
    }

    [Fact]
    public void Learning_is_due_when_the_reference_seed_says()
    {
        Assert.Equal([Severity.Sev1, Severity.Sev2], Defaults.Postmortem.Severities);
        Assert.Equal(TimeSpan.FromHours(24), Defaults.Postmortem.Draft);
        Assert.Equal(TimeSpan.FromHours(72), Defaults.Postmortem.Review);
        Assert.Equal(TimeSpan.FromDays(7), Defaults.Postmortem.Actions);
        Assert.Equal(TimeSpan.FromDays(30), Defaults.Postmortem.FollowUp);
    }

    [Fact]
    public void Cooldown_and_reopen_window_are_half_an_hour()
    {
        Assert.Equal(TimeSpan.FromMinutes(30), Defaults.Correlation.Cooldown);
        Assert.Equal(TimeSpan.FromMinutes(30), Defaults.Correlation.ReopenWindow);
    }

    [Fact]
    public void A_policy_without_names_and_timeouts_has_those_of_the_seeds_by_position()
    {
        var policy = Read("escalation: {default: {levels: [{targets: [console]}, {targets: [console]}, {targets: [console]}, {targets: [console]}, {targets: [console]}]}}")
            .Escalation["default"];

        Assert.Equal(
            [("primary", 5.0), ("secondary", 10.0), ("manager", 15.0), ("director", 15.0), ("level 5", 15.0)],
            policy.Levels.Select(level => (level.Name, level.Timeout.TotalMinutes)));
    }

    [Fact]
    public void Words_of_the_file_are_added_to_the_default_words()
    {
        var words = Read("severity: {words: {Wake-Me: SEV-1, error: SEV-3}}").Severity.Words;

        Assert.Equal(Severity.Sev1, words["wake-me"]);
        Assert.Equal(Severity.Sev3, words["ERROR"]);
        Assert.Equal(SeverityConfiguration.DefaultWords.Count + 1, words.Count);
        Assert.Equal(Severity.Sev1, words["critical"]);
    }

    [Fact]
    public void A_severity_of_the_cadence_changes_alone()
    {
        var every = Read("cadence: {every: {SEV-1: 15m, SEV-3: none, SEV-4: 8h}}").Cadence.Every;

        Assert.Equal(
            [(Severity.Sev1, 15.0), (Severity.Sev2, 60.0), (Severity.Sev4, 480.0)],
            every.OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value.TotalMinutes)));
    }

    [Fact]
    public void Without_people_a_policy_of_the_file_can_page_the_console_and_the_default_stays()
    {
        var policies = Read("escalation: {quiet: {levels: [{targets: [console]}], pages: []}}").Escalation;

        Assert.Equal("default quiet", string.Join(' ', policies.Keys.Order(StringComparer.Ordinal)));
        Assert.Empty(policies["quiet"].Pages);
    }

    private static string Json(PipelineConfiguration configuration) => System.Text.Encoding.UTF8.GetString(PipelineJson.ToUtf8(configuration));

    private static PipelineConfiguration Read(string yaml)
    {
        var result = ConfigurationReader.ReadText(yaml, "file.yaml", _ => null);
        Assert.Empty(result.Problems);
        return Assert.IsType<PipelineConfiguration>(result.Configuration);
    }
}
