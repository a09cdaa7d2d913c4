using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

public enum ClassificationSource
{
    /// <summary>A label said it.</summary>
    Label,

    /// <summary>An annotation said it, and no label did.</summary>
    Annotation,

    /// <summary>A rule on the evidence decided, alone or against a milder word.</summary>
    Rule,

    /// <summary>There was evidence, rules judged all of it, and none found it bad.</summary>
    EvidenceBelowRules,

    /// <summary>There was evidence that can't be read, or that no rule can judge: the default.</summary>
    EvidenceNotJudged,

    /// <summary>A label said it in a word that isn't known: the default.</summary>
    UnknownWord,

    /// <summary>Neither word nor evidence.</summary>
    Default,
}

/// <param name="Reason">For people: which word or rule decided.</param>
/// <param name="UnknownWord">What a severity label said that isn't known, where no other says it; null
/// otherwise.</param>
public sealed record ClassificationDecision(
    Severity Severity, ClassificationSource Source, string Reason, string? UnknownWord = null);

/// <summary>
/// Fourth stage: how bad an alert is. The worse of what its label says and what its evidence shows. What isn't
/// understood never makes it
/// milder than the default.
/// </summary>
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
        words = new Dictionary<string, Severity>(configuration.Words, SeverityWords.Comparer);
    }

    public ClassificationDecision Decide(Alert alert)
    {
        var stated = Stated(alert.Labels, ClassificationSource.Label, out var unknown)
            ?? Stated(alert.Annotations, ClassificationSource.Annotation, out _);
        var evidence = Evidence.Of(alert, rules.KnownMetrics);
        var rule = rules.Decide(evidence);
        var decision = rule is not null && (stated is null || rule.Severity.IsWorseThan(stated.Severity))
            ? new ClassificationDecision(rule.Severity, ClassificationSource.Rule, $"{rule} (rules: {rules.Name})")
            : stated ?? WithoutWord(unknown, evidence);
        return unknown is { } word ? decision with { UnknownWord = word.Value } : decision;
    }

    private ClassificationDecision WithoutWord((string Name, string Value)? unknown, Evidence evidence)
    {
        if (unknown is { } word)
        {
            return Default(ClassificationSource.UnknownWord, $"{word.Name} label '{word.Value}' is not known");
        }

        if (evidence.Unreadable.Count > 0)
        {
            var names = string.Join(" and ", evidence.Unreadable);
            return Default(ClassificationSource.EvidenceNotJudged, $"{names} can't be read");
        }

        if (rules.NotJudged(evidence) is { Count: > 0 } lonely)
        {
            var names = string.Join(" and ", lonely);
            return Default(ClassificationSource.EvidenceNotJudged, $"no rule can judge {names} alone");
        }

        return evidence.IsEmpty
            ? new ClassificationDecision(configuration.Default, ClassificationSource.Default, "no severity label and no evidence")
            : new ClassificationDecision(Severity.Sev4, ClassificationSource.EvidenceBelowRules, $"no rule holds (rules: {rules.Name})");
    }

    private ClassificationDecision Default(ClassificationSource source, string why) =>
        new(configuration.Default, source, $"{why}; default {configuration.Default.Text()}");

    /// <param name="unknown">The first that has a value, where none says a known word.</param>
    private ClassificationDecision? Stated(
        IReadOnlyDictionary<string, string> texts,
        ClassificationSource source,
        out (string Name, string Value)? unknown)
    {
        unknown = null;
        foreach (var name in configuration.Labels)
        {
            if (!texts.TryGetValue(name, out var value) || string.IsNullOrWhiteSpace(value))
            {
                continue;
            }

            var shown = MarkdownText.OneLine(value, MaxValue);
            if (SeverityWords.TryRead(value, words, out var severity))
            {
                unknown = null;
                var kind = source == ClassificationSource.Label ? "label" : "annotation";
                return new ClassificationDecision(severity, source, $"{kind} {name}={shown}");
            }

            unknown ??= (name, shown);
        }

        return null;
    }
}
