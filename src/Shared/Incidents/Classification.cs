using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

public enum ClassificationSource
{
    /// <summary>A label said it.</summary>
    Label,

    /// <summary>A rule on the evidence decided, alone or against a milder label.</summary>
    Rule,

    /// <summary>There was evidence, and no rule found it bad.</summary>
    EvidenceBelowRules,

    /// <summary>Neither label nor evidence.</summary>
    Default,
}

/// <param name="Reason">For people: which label or rule decided.</param>
public sealed record ClassificationDecision(Severity Severity, ClassificationSource Source, string Reason);

/// <summary>Fourth stage: how bad an alert is. The worse of what its label says and what its evidence shows.</summary>
public sealed class Classification
{
    private const int MaxValue = 60;
    private readonly SeverityConfiguration configuration;
    private readonly SeverityRules rules;
    private readonly Dictionary<string, Severity> words;

    /// <exception cref="ArgumentException">The configuration names an unknown rule set.</exception>
    public Classification(SeverityConfiguration configuration)
    {
        this.configuration = configuration;
        rules = SeverityRules.Named(configuration.Rules)
            ?? throw new ArgumentException($"There is no rule set '{configuration.Rules}'.", nameof(configuration));
        words = new Dictionary<string, Severity>(configuration.Words, StringComparer.OrdinalIgnoreCase);
    }

    public ClassificationDecision Decide(Alert alert)
    {
        var label = FromLabels(alert);
        var evidence = Evidence.Of(alert, rules.KnownMetrics);
        if (rules.Decide(evidence) is { } rule && (label is null || rule.Severity.IsWorseThan(label.Severity)))
        {
            return new ClassificationDecision(rule.Severity, ClassificationSource.Rule, $"{rule} (rules: {rules.Name})");
        }

        if (label is not null)
        {
            return label;
        }

        return evidence.IsEmpty
            ? new ClassificationDecision(configuration.Default, ClassificationSource.Default, "no severity label and no evidence")
            : new ClassificationDecision(Severity.Sev4, ClassificationSource.EvidenceBelowRules, $"no rule holds (rules: {rules.Name})");
    }

    private ClassificationDecision? FromLabels(Alert alert)
    {
        foreach (var name in configuration.Labels)
        {
            if (alert.Labels.TryGetValue(name, out var value)
                && (Severities.TryParse(value, out var severity) || words.TryGetValue(value.Trim(), out severity)))
            {
                return new ClassificationDecision(severity, ClassificationSource.Label, $"label {name}={MarkdownText.OneLine(value, MaxValue)}");
            }
        }

        return null;
    }
}
