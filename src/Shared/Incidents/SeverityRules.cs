using System.Globalization;

namespace Pipeline.Incidents;

/// <summary>One condition on the evidence.</summary>
/// <param name="Metric">A name as in <see cref="SeverityRules.KnownMetrics"/>.</param>
/// <param name="TimesMetric">Where given, the bound is <paramref name="Bound"/> times this metric (latency against its baseline).</param>
public sealed record SeverityCondition(string Metric, Comparison Comparison, double Bound, string? TimesMetric = null)
{
    public bool Holds(Evidence evidence)
    {
        if (evidence[Metric] is not { } value)
        {
            // A fact that nobody states isn't so.
            return Comparison == Comparison.Is && Bound == 0;
        }

        var factor = 1.0;
        if (TimesMetric is not null)
        {
            if (evidence[TimesMetric] is not { } other)
            {
                return false;
            }

            factor = other;
        }

        return Comparison switch
        {
            Comparison.Over => value > Bound * factor,
            Comparison.AtLeast => value >= Bound * factor,
            _ => (value > 0) == (Bound > 0),
        };
    }

    /// <summary>Whether it reads <paramref name="name"/>, and the evidence has all that it reads.</summary>
    public bool Judges(string name, Evidence evidence) =>
        (name == Metric || name == TimesMetric)
        && evidence[Metric] is not null
        && (TimesMetric is null || evidence[TimesMetric] is not null);

    public override string ToString() => Comparison switch
    {
        Comparison.Is => Bound > 0 ? Metric : $"no {Metric}",
        Comparison.Over => $"{Metric} over {Limit}",
        _ => $"{Metric} at least {Limit}",
    };

    private string Limit
    {
        get
        {
            var bound = Bound.ToString("0.##", CultureInfo.InvariantCulture);
            return TimesMetric is null ? bound : $"{bound} times {TimesMetric}";
        }
    }
}

public enum Comparison
{
    Over,
    AtLeast,

    /// <summary>A fact: true for a bound of 1, false for 0.</summary>
    Is,
}

/// <summary>A severity and the conditions that all have to hold for it.</summary>
public sealed record SeverityRule(Severity Severity, IReadOnlyList<SeverityCondition> When)
{
    public bool Holds(Evidence evidence) => When.All(condition => condition.Holds(evidence));

    public override string ToString() => string.Join(" and ", When);
}

/// <summary>The rule sets of the two seeds as data. The first rule that holds decides; where none does, SEV-4.</summary>
public sealed record SeverityRules(string Name, IReadOnlyList<SeverityRule> Rules)
{
    /// <summary>The reference seed, "Auto-Classification Rules". Rates in percent, revenue in dollars an hour.</summary>
    public static SeverityRules Reference { get; } = new("reference",
    [
        Rule(Severity.Sev1, Over("error_rate", 50)),
        Rule(Severity.Sev1, Over("users_affected_pct", 50)),
        Rule(Severity.Sev1, Over("revenue_impact_per_hour", 10_000)),
        Rule(Severity.Sev1, True("sla_breach")),
        Rule(Severity.Sev2, Over("error_rate", 10)),
        Rule(Severity.Sev2, Over("users_affected_pct", 10)),
        Rule(Severity.Sev2, new SeverityCondition("latency_p95", Comparison.Over, 3, "baseline_p95")),
        Rule(Severity.Sev2, Over("revenue_impact_per_hour", 1_000)),
        Rule(Severity.Sev3, Over("error_rate", 1)),
        Rule(Severity.Sev3, Over("users_affected_pct", 1)),
        Rule(Severity.Sev3, True("partial_feature_outage")),
    ]);

    /// <summary>The commander seed, "Severity Decision Tree". Rates in percent, degradation in percent slower.</summary>
    public static SeverityRules Commander { get; } = new("commander",
    [
        Rule(Severity.Sev1, True("revenue_impacted")),
        Rule(Severity.Sev1, True("data_breach")),
        Rule(Severity.Sev1, AtLeast("percent_users_affected", 25)),
        Rule(Severity.Sev1, True("core_functionality_down"), new SeverityCondition("workaround_exists", Comparison.Is, 0)),
        Rule(Severity.Sev2, AtLeast("percent_users_affected", 10)),
        Rule(Severity.Sev2, AtLeast("performance_degradation", 50)),
        Rule(Severity.Sev2, True("critical_customer_affected")),
        Rule(Severity.Sev3, AtLeast("percent_users_affected", 1)),
        Rule(Severity.Sev3, True("non_critical_feature_broken")),
    ]);

    /// <summary>Labels only.</summary>
    public static SeverityRules None { get; } = new("none", []);

    public static IReadOnlyList<SeverityRules> All { get; } = [Reference, Commander, None];

    /// <summary>Every name that some rule reads.</summary>
    public IReadOnlySet<string> KnownMetrics { get; } = Rules
        .SelectMany(rule => rule.When)
        .SelectMany(condition => condition.TimesMetric is { } other ? new[] { condition.Metric, other } : [condition.Metric])
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// Every name whose number is a percentage. Rates that fail or hit all are often written as a ratio, up to 1; so
    /// they are read, see
    /// <see cref="Evidence"/>.
    /// </summary>
    public static IReadOnlySet<string> Percentages { get; } =
        new HashSet<string>(StringComparer.Ordinal)
        {
            "error_rate", "users_affected_pct", "percent_users_affected", "performance_degradation",
        };

    /// <summary>The set of that name; null for an unknown one.</summary>
    public static SeverityRules? Named(string name) => All.FirstOrDefault(set => set.Name == name);

    /// <summary>
    /// The names of which no condition can be tried, such as a latency without the baseline that it is held against.
    /// </summary>
    public IReadOnlyList<string> NotJudged(Evidence evidence) =>
    [
        .. evidence.Names.Where(name =>
            !Rules.Any(rule => rule.When.Any(condition => condition.Judges(name, evidence)))),
    ];

    public SeverityRule? Decide(Evidence evidence) => Rules.FirstOrDefault(rule => rule.Holds(evidence));

    private static SeverityRule Rule(Severity severity, params IReadOnlyList<SeverityCondition> when) => new(severity, when);

    private static SeverityCondition Over(string metric, double bound) => new(metric, Comparison.Over, bound);

    private static SeverityCondition AtLeast(string metric, double bound) => new(metric, Comparison.AtLeast, bound);

    private static SeverityCondition True(string fact) => new(fact, Comparison.Is, 1);
}
