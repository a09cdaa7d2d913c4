using System.Globalization;
using Pipeline.Incidents;

namespace Pipeline.Hosting.Configuration;

/// <summary>Reads <c>escalation</c>.</summary>
internal static class EscalationSection
{
    private const int MaximumRepeat = 20;
    private const string HowLevelsLook = "Add at least: levels: [{targets: [alice], timeout: 5m}], with an id under 'people'.";

    private static readonly DurationRange LevelTimeout = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(30));

    public static Dictionary<string, EscalationPolicyConfiguration> Read(MappingCursor section)
    {
        var policies = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal);
        foreach (var (name, value) in section.Named("<name>"))
        {
            Names.Check(name, value, "a policy's name");
            if (value.MappingOrNothing() is { } policy)
            {
                policies[name.Text] = ReadPolicy(name.Text, policy);
            }
        }

        return policies;
    }

    /// <summary>What to write when there are people but no default policy: a ladder of the people there are.</summary>
    public static string SuggestDefault(IEnumerable<string> people)
    {
        var levels = people.Zip(
            EscalationLevel.SeedLadder,
            (person, level) => $"{{name: {level.Name}, targets: [{person}], timeout: {Durations.Text(level.Timeout)}}}");
        return $"Write: escalation: {{default: {{levels: [{string.Join(", ", levels)}]}}}}";
    }

    private static EscalationPolicyConfiguration ReadPolicy(string name, MappingCursor policy)
    {
        var levels = (policy.Require("levels", HowLevelsLook)?.SomeItems(HowLevelsLook) ?? [])
            .Select((item, index) => item.Mapping() is { } level ? ReadLevel(level, index) : null)
            .OfType<EscalationLevel>()
            .ToList();
        var defaults = new EscalationPolicyConfiguration(name, levels);
        return defaults with
        {
            Repeat = policy.Take("repeat")?.Integer(0, MaximumRepeat) ?? defaults.Repeat,
            Pages = policy.Take("pages")?.Severities() ?? defaults.Pages,
            TimeoutBySeverity = ReadTimeouts(policy.Section("timeouts")),
        };
    }

    /// <summary>A level that leaves its name or timeout out takes the seeds' of the same position; those after the fourth wait as the fourth does.</summary>
    private static EscalationLevel ReadLevel(MappingCursor level, int index)
    {
        var ladder = EscalationLevel.SeedLadder;
        var name = index < ladder.Count ? ladder[index].Name : string.Create(CultureInfo.InvariantCulture, $"level {index + 1}");
        const string suggestion = "Name at least one id under 'people'.";
        return new EscalationLevel(
            level.Take("name")?.Text() ?? name,
            level.Require("targets", suggestion)?.DistinctItems(item => item.Reference(ReferenceKind.Person), suggestion) ?? [],
            level.Take("timeout")?.Duration(LevelTimeout) ?? ladder[Math.Min(index, ladder.Count - 1)].Timeout);
    }

    private static Dictionary<Severity, TimeSpan> ReadTimeouts(MappingCursor section)
    {
        var timeouts = new Dictionary<Severity, TimeSpan>();
        foreach (var (severity, value) in section.BySeverity())
        {
            if (value.Duration(LevelTimeout) is { } timeout)
            {
                timeouts[severity] = timeout;
            }
        }

        return timeouts;
    }
}
