using Pipeline.Incidents;

namespace Pipeline.Hosting.Configuration;

/// <summary>Reads <c>correlation</c> and <c>severity</c>.</summary>
internal static class TriageSections
{
    private static readonly string[] RuleSets = ["reference", "commander", "none"];

    /// <summary>What a correlation key is made of nearly always. Any other label can be part of one, but not one that is nearly one of these.</summary>
    private static readonly string[] KeyParts = ["service", "environment", "region", "namespace", "cluster", "alertname", "severity", "instance", "job"];

    /// <summary>Zero turns the reopen window or the cooldown off.</summary>
    private static readonly DurationRange Window = new(TimeSpan.Zero, TimeSpan.FromDays(30));

    /// <summary>Prometheus sends a firing alert again every minute; shorter than that everything would be stale.</summary>
    private static readonly DurationRange StaleAfter = new(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));

    public static CorrelationConfiguration ReadCorrelation(MappingCursor section)
    {
        var defaults = new CorrelationConfiguration();
        return new CorrelationConfiguration
        {
            By = section.Take("by")?.DistinctItems(ReadKeyPart, "Name at least one label, or every alert joins one incident.") ?? defaults.By,
            ServiceLabels = Labels(section, "service_labels") ?? defaults.ServiceLabels,
            ExporterJobs = section.Take("exporter_jobs")?.DistinctItems(item => item.Text()) ?? defaults.ExporterJobs,
            NamespaceLabels = section.Take("namespace_labels")?.DistinctItems(item => item.Text()) ?? defaults.NamespaceLabels,
            WorkloadLabels = section.Take("workload_labels")?.DistinctItems(item => item.Text()) ?? defaults.WorkloadLabels,
            EnvironmentLabels = Labels(section, "environment_labels") ?? defaults.EnvironmentLabels,
            EnvironmentAliases = ReadAliases(section.Section("environment_aliases")),
            RegionLabels = Labels(section, "region_labels") ?? defaults.RegionLabels,
            DefaultEnvironment = section.Take("default_environment")?.Text() ?? defaults.DefaultEnvironment,
            ReopenWindow = section.Take("reopen_window")?.Duration(Window) ?? defaults.ReopenWindow,
            Cooldown = section.Take("cooldown")?.Duration(Window) ?? defaults.Cooldown,
            StaleAfter = section.Take("stale_after")?.Duration(StaleAfter) ?? defaults.StaleAfter,
        };
    }

    public static SeverityConfiguration ReadSeverity(MappingCursor section)
    {
        var defaults = new SeverityConfiguration();
        return new SeverityConfiguration
        {
            Labels = Labels(section, "labels") ?? defaults.Labels,
            Words = ReadWords(section.Section("words")),
            Rules = section.Take("rules")?.Choice(RuleSets) ?? defaults.Rules,
            Default = section.Take("default")?.Severity() ?? defaults.Default,
        };
    }

    /// <summary>A label that no alert has counts as empty, so a misspelt one joins strangers without a word.</summary>
    private static string? ReadKeyPart(ValueCursor item)
    {
        var name = item.Text();
        if (name is not null && !KeyParts.Contains(name, StringComparer.Ordinal) && Spelling.DidYouMean(name, KeyParts) is { } suggestion)
        {
            item.Warn($"no alert has a label {Spelling.Quote(name)}, as far as is known", suggestion);
        }

        return name;
    }

    private static IReadOnlyList<string>? Labels(MappingCursor section, string key) =>
        section.Take(key)?.DistinctItems(item => item.Text(), "Name at least one label, or leave the key out for the default.");

    /// <summary>The default aliases and the file's, which win. A name that means itself takes a default away.</summary>
    private static Dictionary<string, string> ReadAliases(MappingCursor section)
    {
        var aliases = new Dictionary<string, string>(CorrelationConfiguration.DefaultEnvironmentAliases, StringComparer.OrdinalIgnoreCase);
        var written = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in section.Named("<name>"))
        {
            if (!written.Add(name.Text))
            {
                value.FailAtKey($"{Spelling.Quote(name.Text)} is there twice; upper and lower case are the same", "Keep one of them.");
            }
            else if (value.Text() is { } meant)
            {
                aliases[name.Text.ToLowerInvariant()] = meant;
            }
        }

        return aliases;
    }

    /// <summary>The default words and the file's, which win.</summary>
    private static Dictionary<string, Severity> ReadWords(MappingCursor section)
    {
        var words = new Dictionary<string, Severity>(SeverityWords.Default, SeverityWords.Comparer);
        var written = new HashSet<string>(SeverityWords.Comparer);
        foreach (var (name, value) in section.Named("<word>"))
        {
            if (Severities.TryParse(name.Text, out var fixedSeverity))
            {
                value.FailAtKey($"{Spelling.Quote(name.Text)} always means {fixedSeverity.Text()}", "Remove the line.");
            }
            else if (!written.Add(name.Text))
            {
                value.FailAtKey($"{Spelling.Quote(name.Text)} is there twice; case, spaces and punctuation are the same", "Keep one of them.");
            }
            else if (value.Severity() is { } severity)
            {
                words[name.Text] = severity;
            }
        }

        return words;
    }
}
