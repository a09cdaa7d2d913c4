using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

/// <summary>Holds <c>docs/configuration.md</c> and the sample <c>pipeline.yaml</c> against the code, so that none of them drifts.</summary>
public sealed partial class ConfigurationDocumentationTests
{
    private static readonly string Documentation = RepositoryFile.Read("docs/configuration.md");
    private static readonly string Sample = RepositoryFile.Read("pipeline.yaml");

    private static readonly string FullExample = Documentation.Split("```yaml\n")[1].Split("```")[0];

    /// <summary>Key to the cell of its default.</summary>
    private static readonly Dictionary<string, string> DocumentedKeys = KeyRow()
        .Matches(Documentation)
        .ToDictionary(match => match.Groups["key"].Value, match => match.Groups["default"].Value.Trim(), StringComparer.Ordinal);

    [Fact]
    public void Every_key_that_is_read_is_documented_and_no_other()
    {
        var context = new ReadingContext("example", SecretIsSet);

        ConfigurationReader.Read(context, FullExample);

        Assert.Empty(context.Problems);
        Assert.Equal(context.KnownKeys.Order(StringComparer.Ordinal), DocumentedKeys.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>A file that writes out every default of the documentation means the same as an empty one.</summary>
    [Fact]
    public void The_documented_defaults_are_the_codes()
    {
        var written = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["escalation.default.levels"] = $"[{string.Join(", ", Enumerable.Repeat("{targets: [console]}", 4))}]",
        };
        foreach (var (key, cell) in DocumentedKeys)
        {
            var path = key.Replace("escalation.<name>", "escalation.default", StringComparison.Ordinal);
            if (cell.StartsWith('`') && cell.EndsWith('`') && path.IndexOfAny(['<', '[']) < 0)
            {
                written[path] = cell.Trim('`');
            }
        }

        Assert.InRange(written.Count, 25, 100);
        Assert.Equal(Json(PipelineConfiguration.BuiltIn), Json(Read(Nested(written))));
        Assert.Equal($"`{Durations.Text(ChannelRegistry.DefaultTimeout)}`", DocumentedKeys["channels.<name>.timeout"]);
    }

    [Fact]
    public void The_documented_words_are_the_codes()
    {
        var documented = WordRow()
            .Matches(Documentation)
            .SelectMany(match => match.Groups["words"].Value.Split(", ").Select(word => $"{word} = {match.Groups["severity"].Value}"));

        Assert.Equal(
            SeverityConfiguration.DefaultWords.Select(word => $"{word.Key} = {word.Value.Text()}").Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_documented_environments_are_the_codes()
    {
        var documented = EnvironmentRow()
            .Matches(Documentation)
            .SelectMany(match => match.Groups["names"].Value.Split(", ").Select(name => $"{name} = {match.Groups["environment"].Value}"));

        Assert.Equal(
            CorrelationConfiguration.DefaultEnvironmentAliases.Select(alias => $"{alias.Key} = {alias.Value}").Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    /// <summary>The figures of the sample are the defaults; only its people and services are its own.</summary>
    [Fact]
    public void The_sample_repeats_the_defaults()
    {
        var sample = Read(Sample);

        var ladder = sample.Escalation["default"].Levels.Select(level => (level.Name, level.Timeout));
        Assert.Equal(EscalationLevel.SeedLadder, ladder);
        Assert.Equal("alice bob maria dan", string.Join(' ', sample.Escalation["default"].Levels.SelectMany(level => level.Targets)));
        Assert.All(sample.People.Values, person => Assert.Equal([new ContactMethod("console")], person.Contacts));
        Assert.Equal("checkout", Assert.Single(sample.Services).Key);

        var withoutPeople = sample with
        {
            People = PipelineConfiguration.BuiltIn.People,
            Services = PipelineConfiguration.BuiltIn.Services,
            Escalation = sample.Escalation.ToDictionary(
                policy => policy.Key,
                policy => policy.Value with { Levels = PipelineConfiguration.BuiltIn.Escalation[policy.Key].Levels },
                StringComparer.Ordinal),
        };
        Assert.Equal(Json(PipelineConfiguration.BuiltIn), Json(withoutPeople));
    }

    /// <summary>Lines that begin with '#' and no blank are settings to switch on: with all of them on the sample is valid still.</summary>
    [Fact]
    public void The_samples_optional_settings_are_valid()
    {
        var everything = Read(OptionalLine().Replace(Sample, ""));

        Assert.Equal("env:HOOK_SECRET", everything.Channels["hook"].Secret);
        Assert.Equal(AccessRole.Ingest, Assert.Single(everything.Access.Tokens).Role);
        Assert.Equal("hook", everything.People["alice"].Contacts[1].Channel);
        Assert.Equal(TimeSpan.FromMinutes(3), everything.Escalation["default"].TimeoutBySeverity[Severity.Sev1]);
        Assert.Equal(Severity.Sev1, everything.Severity.Words["wake-me"]);
        Assert.Equal("staging", everything.Correlation.EnvironmentAliases["uat"]);
        Assert.Equal(["maria", "dan"], everything.Cadence.Stakeholders);
        Assert.Equal("maria", everything.Postmortem.Owner);
        Assert.Equal(new Uri("https://incidents.example.org"), everything.Reports.BaseUrl);
    }

    [Fact]
    public void The_full_example_means_what_it_says()
    {
        var expected = new PipelineConfiguration
        {
            Server = new() { PathBase = "/pipeline" },
            Access = new()
            {
                Tokens =
                [
                    new("alertmanager", AccessRole.Ingest, "1f0b6d4b0b1b7a2a9f3b8f8f4ad9d4f3f3a0a6a4f54c8f1f9a87b6c5d4e3f201"),
                    new("on-call app", AccessRole.Responder, "2e0b6d4b0b1b7a2a9f3b8f8f4ad9d4f3f3a0a6a4f54c8f1f9a87b6c5d4e3f202"),
                ],
            },
            Intake = new()
            {
                KeepPosts = TimeSpan.FromDays(90),
                MaxBytesInHand = 256 * 1024 * 1024,
                BodyTimeout = TimeSpan.FromMinutes(1),
                Alertmanagers =
                [
                    new(new Uri("http://alertmanager:9093")) { ExternalUrl = new Uri("https://alertmanager.example.org"), Token = "env:HOOK_SECRET" },
                    new(new Uri("http://other:9093/am")) { Username = "pipeline", Password = "env:HOOK_SECRET" },
                ],
            },
            Correlation = new()
            {
                By = ["service", "environment", "region"],
                ServiceLabels = ["service", "app"],
                ExporterJobs = ["*-exporter", "probes"],
                NamespaceLabels = ["namespace"],
                WorkloadLabels = ["deployment", "pod"],
                EnvironmentLabels = ["environment", "stage"],
                EnvironmentAliases = new Dictionary<string, string>(CorrelationConfiguration.DefaultEnvironmentAliases, StringComparer.OrdinalIgnoreCase) { ["dev"] = "dev", ["uat"] = "staging" },
                RegionLabels = ["region", "datacenter"],
                DefaultEnvironment = "staging",
                ReopenWindow = TimeSpan.FromHours(1),
                Cooldown = TimeSpan.FromMinutes(15),
                StaleAfter = TimeSpan.FromHours(9),
            },
            Severity = new()
            {
                Labels = ["severity", "urgency"],
                Words = new Dictionary<string, Severity>(SeverityWords.Default, SeverityWords.Comparer) { ["error"] = Severity.Sev3, ["wake-me"] = Severity.Sev1 },
                Rules = "commander",
                Default = Severity.Sev2,
            },
            People = new Dictionary<string, Person>(StringComparer.Ordinal)
            {
                ["alice"] = new("alice", "Alice Archer", [new("hook", "alice@example.org"), new("console")]),
                ["bob"] = new("bob", "bob", [new("hook", "bob@example.org")]),
                ["maria"] = new("maria", "Maria Mason", [new("console")]),
            },
            Channels = new Dictionary<string, ChannelConfiguration>(StringComparer.Ordinal)
            {
                ["console"] = new("console", ChannelKind.Console),
                ["hook"] = new("hook", ChannelKind.Webhook, new Uri("https://hooks.example.org/pages"), "env:HOOK_SECRET", TimeSpan.FromSeconds(5)),
            },
            Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal)
            {
                ["default"] = new(
                    "default",
                    [new("first line", ["alice", "bob"], TimeSpan.FromMinutes(5)), new("management", ["maria"], TimeSpan.FromMinutes(90))],
                    Repeat: 2)
                {
                    Pages = [Severity.Sev1, Severity.Sev2],
                    TimeoutBySeverity = new Dictionary<Severity, TimeSpan> { [Severity.Sev1] = TimeSpan.FromMinutes(3) },
                },
                ["payments"] = new("payments", [new("primary", ["bob"], TimeSpan.FromMinutes(5))]),
            },
            Services = new Dictionary<string, ServiceConfiguration>(StringComparer.Ordinal)
            {
                ["checkout"] = new("checkout") { Owner = "alice", Escalation = "payments", Runbook = "https://runbooks.example.org/checkout" },
                ["search"] = new("search"),
            },
            Cadence = new()
            {
                Every = new Dictionary<Severity, TimeSpan> { [Severity.Sev1] = TimeSpan.FromMinutes(15), [Severity.Sev2] = TimeSpan.FromHours(1) },
                RemindBefore = TimeSpan.FromMinutes(2),
                NudgeEvery = TimeSpan.FromMinutes(5),
                Stakeholders = ["maria"],
            },
            Postmortem = new()
            {
                Severities = [Severity.Sev1],
                Draft = TimeSpan.FromHours(12),
                Review = TimeSpan.FromDays(2),
                Actions = TimeSpan.FromDays(7),
                FollowUp = TimeSpan.FromDays(28),
                Owner = "maria",
            },
            Reports = new() { BaseUrl = new Uri("https://incidents.example.org"), Weekly = new("30 8 * * 5", "Europe/Berlin") },
        };

        Assert.Equal(Json(expected), Json(Read(FullExample)));
    }

    private static string? SecretIsSet(string name) => string.Equals(name, "HOOK_SECRET", StringComparison.Ordinal) ? "s3cret" : null;

    private static PipelineConfiguration Read(string yaml)
    {
        var result = ConfigurationReader.ReadText(yaml, "file.yaml", SecretIsSet);
        Assert.Empty(result.Problems);
        return Assert.IsType<PipelineConfiguration>(result.Configuration);
    }

    private static string Json(PipelineConfiguration configuration) => Encoding.UTF8.GetString(PipelineJson.ToUtf8(configuration));

    /// <summary><c>a.b</c> and <c>a.c</c> become a mapping <c>a</c> with two keys.</summary>
    private static string Nested(IEnumerable<KeyValuePair<string, string>> values)
    {
        var entries = values
            .GroupBy(value => value.Key.Split('.')[0], StringComparer.Ordinal)
            .Select(group => group.First() is var only && string.Equals(only.Key, group.Key, StringComparison.Ordinal)
                ? $"{group.Key}: {only.Value}"
                : $"{group.Key}: {Nested(group.Select(value => KeyValuePair.Create(value.Key[(group.Key.Length + 1)..], value.Value)))}");
        return $"{{{string.Join(", ", entries)}}}";
    }

    [GeneratedRegex(@"^\| `(?<key>[a-z0-9_.<>\[\]]+)` \|(?<type>[^|]*)\|(?<default>[^|]*)\|", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyRow();

    [GeneratedRegex(@"^\| (?<severity>SEV-[1-4]) \| (?<words>.+) \|$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordRow();

    [GeneratedRegex(@"^\| (?<environment>production|staging|development) \| (?<names>[a-z, ]+) \|$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EnvironmentRow();

    [GeneratedRegex(@"(?<=^ *)#(?=\S)", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OptionalLine();
}
