using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class ClassificationTests
{
    [Theory]
    // SEV-1 over 50 %.
    [InlineData("error_rate=50.01", Severity.Sev1, "error_rate over 50")]
    // At the bound it isn't over it.
    [InlineData("error_rate=50", Severity.Sev2, "error_rate over 10")]
    [InlineData("error_rate=10.01%", Severity.Sev2, "error_rate over 10")]
    [InlineData("error_rate=10", Severity.Sev3, "error_rate over 1")]
    [InlineData("error_rate=1.01", Severity.Sev3, "error_rate over 1")]
    [InlineData("error_rate=1%", Severity.Sev4, null)]
    [InlineData("users_affected_pct=50.01", Severity.Sev1, "users_affected_pct over 50")]
    [InlineData("users_affected_pct=50", Severity.Sev2, "users_affected_pct over 10")]
    [InlineData("users_affected_pct=10.01", Severity.Sev2, "users_affected_pct over 10")]
    [InlineData("users_affected_pct=10", Severity.Sev3, "users_affected_pct over 1")]
    [InlineData("users_affected_pct=1.01", Severity.Sev3, "users_affected_pct over 1")]
    [InlineData("users_affected_pct=1", Severity.Sev4, null)]
    [InlineData("revenue_impact_per_hour=$10,000.01", Severity.Sev1, "revenue_impact_per_hour over 10000")]
    [InlineData("revenue_impact_per_hour=$10,000", Severity.Sev2, "revenue_impact_per_hour over 1000")]
    [InlineData("revenue_impact_per_hour=1000.01", Severity.Sev2, "revenue_impact_per_hour over 1000")]
    [InlineData("revenue_impact_per_hour=1000", Severity.Sev4, null)]
    [InlineData("sla_breach=true", Severity.Sev1, "sla_breach")]
    [InlineData("sla_breach=false", Severity.Sev4, null)]
    // Latency counts against its baseline, in whatever unit each is written.
    [InlineData("latency_p95=3.01;baseline_p95=1", Severity.Sev2, "latency_p95 over 3 times baseline_p95")]
    [InlineData("latency_p95=0.7s;baseline_p95=200ms", Severity.Sev2, "latency_p95 over 3 times baseline_p95")]
    [InlineData("latency_p95=3;baseline_p95=1", Severity.Sev4, null)]
    [InlineData("partial_feature_outage=yes", Severity.Sev3, "partial_feature_outage")]
    [InlineData("partial_feature_outage=no", Severity.Sev4, null)]
    // The worst rule that holds decides.
    [InlineData("error_rate=2;sla_breach=true;users_affected_pct=20", Severity.Sev1, "sla_breach")]
    public void The_reference_rules(string evidence, Severity expected, string? rule) => AssertRule("reference", evidence, expected, rule);

    [Theory]
    [InlineData("revenue_impacted=true", Severity.Sev1, "revenue_impacted")]
    [InlineData("data_breach=true", Severity.Sev1, "data_breach")]
    // From 25 % on: this seed's bounds are inclusive.
    [InlineData("percent_users_affected=25", Severity.Sev1, "percent_users_affected at least 25")]
    [InlineData("percent_users_affected=24.99", Severity.Sev2, "percent_users_affected at least 10")]
    [InlineData("percent_users_affected=10", Severity.Sev2, "percent_users_affected at least 10")]
    [InlineData("percent_users_affected=9.99", Severity.Sev3, "percent_users_affected at least 1")]
    [InlineData("percent_users_affected=1", Severity.Sev3, "percent_users_affected at least 1")]
    [InlineData("percent_users_affected=0.99%", Severity.Sev4, null)]
    // Down, and no word of a workaround.
    [InlineData("core_functionality_down=true", Severity.Sev1, "core_functionality_down and no workaround_exists")]
    [InlineData("core_functionality_down=true;workaround_exists=false", Severity.Sev1, "core_functionality_down and no workaround_exists")]
    // With a workaround it isn't SEV-1.
    [InlineData("core_functionality_down=true;workaround_exists=true", Severity.Sev4, null)]
    // That none exists is no failure by itself.
    [InlineData("workaround_exists=false", Severity.Sev4, null)]
    [InlineData("performance_degradation=50", Severity.Sev2, "performance_degradation at least 50")]
    [InlineData("performance_degradation=49.99", Severity.Sev4, null)]
    [InlineData("critical_customer_affected=true", Severity.Sev2, "critical_customer_affected")]
    [InlineData("non_critical_feature_broken=true", Severity.Sev3, "non_critical_feature_broken")]
    public void The_commander_rules(string evidence, Severity expected, string? rule) => AssertRule("commander", evidence, expected, rule);

    [Theory]
    [InlineData("severity=critical", Severity.Sev1, "label severity=critical")]
    [InlineData("severity=Critical", Severity.Sev1, "label severity=Critical")]
    [InlineData("severity=page", Severity.Sev1, "label severity=page")]
    [InlineData("severity=high", Severity.Sev2, "label severity=high")]
    [InlineData("severity=error", Severity.Sev2, "label severity=error")]
    [InlineData("severity=warning", Severity.Sev3, "label severity=warning")]
    [InlineData("severity=info", Severity.Sev4, "label severity=info")]
    // The program's own spelling and its relatives need no entry.
    [InlineData("severity=SEV-2", Severity.Sev2, "label severity=SEV-2")]
    [InlineData("severity=sev3", Severity.Sev3, "label severity=sev3")]
    [InlineData("severity=sev_1", Severity.Sev1, "label severity=sev_1")]
    // The other labels, in their order.
    [InlineData("priority=P2", Severity.Sev2, "label priority=P2")]
    [InlineData("level=error", Severity.Sev2, "label level=error")]
    [InlineData("priority=p1;severity=warning", Severity.Sev3, "label severity=warning")]
    // A word that nobody explained leaves it to the next label.
    [InlineData("severity=purple;priority=p2", Severity.Sev2, "label priority=p2")]
    public void A_label_says_how_bad_it_is(string labels, Severity expected, string reason) =>
        Assert.Equal(new ClassificationDecision(expected, ClassificationSource.Label, reason), Decide("reference", labels, ""));

    [Theory]
    // Nothing at all.
    [InlineData("alertname=A", "")]
    // A label without a value says nothing.
    [InlineData("severity= ", "")]
    // Evidence that the rule set doesn't know.
    [InlineData("alertname=A", "percent_users_affected=90")]
    public void Without_word_or_evidence_it_is_standard_on_call_response(string labels, string annotations) =>
        Assert.Equal(
            new ClassificationDecision(Severity.Sev3, ClassificationSource.Default, "no severity label and no evidence"),
            Decide("reference", labels, annotations));

    [Theory]
    // Evidence beats a milder label.
    [InlineData("severity=warning", "error_rate=60", Severity.Sev1, ClassificationSource.Rule)]
    // It doesn't beat a worse one.
    [InlineData("severity=critical", "error_rate=2", Severity.Sev1, ClassificationSource.Label)]
    // Where they agree the label is named.
    [InlineData("severity=high", "error_rate=20", Severity.Sev2, ClassificationSource.Label)]
    // Evidence that no rule finds bad doesn't calm a label.
    [InlineData("severity=high", "error_rate=0.1%", Severity.Sev2, ClassificationSource.Label)]
    // Without a label it does.
    [InlineData("alertname=A", "error_rate=0.1%", Severity.Sev4, ClassificationSource.EvidenceBelowRules)]
    public void The_worse_of_label_and_evidence_counts(string labels, string annotations, Severity expected, ClassificationSource source)
    {
        var decision = Decide("reference", labels, annotations);
        Assert.Equal((expected, source), (decision.Severity, decision.Source));
    }

    [Theory]
    // Pagers count from 0, which is as bad as 1.
    [InlineData("P0", Severity.Sev1)]
    [InlineData("P 1", Severity.Sev1)]
    [InlineData("p-5", Severity.Sev4)]
    [InlineData("S1", Severity.Sev1)]
    [InlineData("s2", Severity.Sev2)]
    [InlineData("SEV0", Severity.Sev1)]
    [InlineData("sev-5", Severity.Sev4)]
    // Azure Monitor: Sev0 to Sev4, by their numbers.
    [InlineData("Sev0", Severity.Sev1)]
    [InlineData("Sev1", Severity.Sev1)]
    [InlineData("Sev4", Severity.Sev4)]
    // Syslog and loggers.
    [InlineData("fatal", Severity.Sev1)]
    [InlineData("CRIT", Severity.Sev1)]
    [InlineData("emerg", Severity.Sev1)]
    [InlineData("alert", Severity.Sev1)]
    [InlineData("err", Severity.Sev2)]
    [InlineData("warn", Severity.Sev3)]
    [InlineData("notice", Severity.Sev4)]
    [InlineData("DEBUG", Severity.Sev4)]
    // Trackers and monitoring systems.
    [InlineData("severe", Severity.Sev1)]
    [InlineData("urgent", Severity.Sev1)]
    [InlineData("Blocker", Severity.Sev1)]
    [InlineData("Average", Severity.Sev3)]
    [InlineData("ok", Severity.Sev4)]
    [InlineData("none", Severity.Sev4)]
    // Numbers.
    [InlineData("0", Severity.Sev1)]
    [InlineData("1", Severity.Sev1)]
    [InlineData("2", Severity.Sev2)]
    [InlineData("3", Severity.Sev3)]
    [InlineData("4", Severity.Sev4)]
    [InlineData("5", Severity.Sev4)]
    // Several words: each is known, or the first is a code. The worst counts.
    [InlineData("1 - Critical", Severity.Sev1)]
    [InlineData("3 - Moderate", Severity.Sev3)]
    [InlineData("5 - Planning", Severity.Sev4)]
    [InlineData("P2 (High)", Severity.Sev2)]
    [InlineData("SEV1: all hands", Severity.Sev1)]
    [InlineData("warning/critical", Severity.Sev1)]
    [InlineData("Severity 2", Severity.Sev2)]
    [InlineData("priority: high", Severity.Sev2)]
    public void D6_The_words_of_the_field_are_known(string word, Severity expected)
    {
        var decision = Decide("reference", "severity=" + word, "");
        Assert.Equal((expected, ClassificationSource.Label, null), (decision.Severity, decision.Source, decision.UnknownWord));
    }

    [Theory]
    // Another word, a number beyond, and one with a known word in it.
    [InlineData("severity=purple", "", "severity label 'purple' is not known; default SEV-3", "purple")]
    [InlineData("severity=6", "", "severity label '6' is not known; default SEV-3", "6")]
    [InlineData("priority=non-critical", "", "priority label 'non-critical' is not known; default SEV-3", "non-critical")]
    [InlineData("severity=not critical", "", "severity label 'not critical' is not known; default SEV-3", "not critical")]
    [InlineData("severity=-", "", "severity label '-' is not known; default SEV-3", "-")]
    // Of several the first is named.
    [InlineData("severity=purple;priority=pink", "", "severity label 'purple' is not known; default SEV-3", "purple")]
    // Mild evidence doesn't calm what isn't understood.
    [InlineData("severity=purple", "error_rate=0.1%", "severity label 'purple' is not known; default SEV-3", "purple")]
    public void D6_An_unknown_word_is_named_and_counts_as_the_default(string labels, string annotations, string reason, string word) =>
        Assert.Equal(
            new ClassificationDecision(Severity.Sev3, ClassificationSource.UnknownWord, reason, word), Decide("reference", labels, annotations));

    [Fact]
    public void D6_A_word_of_the_configuration_counts_in_any_spelling()
    {
        var configuration = new SeverityConfiguration { Words = new Dictionary<string, Severity> { ["wake-me"] = Severity.Sev1 } };
        var alert = SampleAlert.Firing(SampleAlert.Pairs("severity=Wake me!"));
        Assert.Equal(Severity.Sev1, new Classification(configuration).Decide(alert).Severity);
    }

    [Theory]
    // No label has it.
    [InlineData("alertname=A", "severity=critical", Severity.Sev1, ClassificationSource.Annotation, "annotation severity=critical", null)]
    [InlineData("alertname=A", "priority=P4", Severity.Sev4, ClassificationSource.Annotation, "annotation priority=P4", null)]
    // A label that isn't understood is still worth a line in the log.
    [InlineData("severity=purple", "severity=high", Severity.Sev2, ClassificationSource.Annotation, "annotation severity=high", "purple")]
    // A label wins, whichever is worse.
    [InlineData("level=info", "severity=critical", Severity.Sev4, ClassificationSource.Label, "label level=info", null)]
    // Annotations are prose: what isn't known in them isn't named.
    [InlineData("alertname=A", "severity=see the wiki", Severity.Sev3, ClassificationSource.Default, "no severity label and no evidence", null)]
    // Evidence raises it.
    [InlineData("alertname=A", "severity=warning;error_rate=60%", Severity.Sev1, ClassificationSource.Rule, "error_rate over 50 (rules: reference)", null)]
    public void D26_An_annotation_says_it_where_no_label_does(
        string labels, string annotations, Severity expected, ClassificationSource source, string reason, string? unknown) =>
        Assert.Equal(new ClassificationDecision(expected, source, reason, unknown), Decide("reference", labels, annotations));

    [Theory]
    // Nothing to hold it against.
    [InlineData("latency_p95=100", "no rule can judge latency_p95 alone; default SEV-3")]
    [InlineData("baseline_p95=100", "no rule can judge baseline_p95 alone; default SEV-3")]
    // Beside evidence that is mild.
    [InlineData("latency_p95=100;sla_breach=no", "no rule can judge latency_p95 alone; default SEV-3")]
    // No number: a template that failed, a decimal comma, a division by zero.
    [InlineData("error_rate={{ $value }}", "error_rate can't be read; default SEV-3")]
    [InlineData("error_rate=12,5%;sla_breach=no", "error_rate can't be read; default SEV-3")]
    [InlineData("error_rate=NaN", "error_rate can't be read; default SEV-3")]
    public void O2_Evidence_that_no_rule_can_judge_counts_as_the_default(string annotations, string reason) =>
        Assert.Equal(
            new ClassificationDecision(Severity.Sev3, ClassificationSource.EvidenceNotJudged, reason), Decide("reference", "alertname=A", annotations));

    [Fact]
    public void O2_Evidence_that_can_be_read_counts_beside_some_that_can_not() =>
        Assert.Equal(Severity.Sev1, Decide("reference", "error_rate=NaN", "error_rate=60%;latency_p95=?").Severity);

    [Theory]
    // A ratio, however it is written.
    [InlineData("reference", "error_rate=0.6", Severity.Sev1)]
    [InlineData("reference", "error_rate=6e-1", Severity.Sev1)]
    [InlineData("reference", "error_rate=0.15", Severity.Sev2)]
    [InlineData("reference", "error_rate=0.005", Severity.Sev4)]
    [InlineData("reference", "users_affected_pct=0.6", Severity.Sev1)]
    [InlineData("commander", "percent_users_affected=0.25", Severity.Sev1)]
    [InlineData("commander", "performance_degradation=0.5", Severity.Sev2)]
    // Everything fails: a rate of 1. A name that says percent means one percent.
    [InlineData("reference", "error_rate=1", Severity.Sev1)]
    [InlineData("reference", "error_rate=1.0", Severity.Sev1)]
    [InlineData("reference", "users_affected_pct=1", Severity.Sev4)]
    // A percentage stays one, and so does what is above 1.
    [InlineData("reference", "error_rate=0.6%", Severity.Sev4)]
    [InlineData("reference", "error_rate=0.6 %", Severity.Sev4)]
    [InlineData("reference", "error_rate=1.01", Severity.Sev3)]
    [InlineData("reference", "error_rate=0", Severity.Sev4)]
    // What isn't a percentage is no ratio: half a dollar.
    [InlineData("reference", "revenue_impact_per_hour=0.5", Severity.Sev4)]
    public void O2_A_ratio_is_read_as_one(string rules, string annotations, Severity expected) =>
        Assert.Equal(expected, Decide(rules, "alertname=A", annotations).Severity);

    [Fact]
    public void The_rule_set_none_reads_labels_only()
    {
        Assert.Equal(Severity.Sev3, Decide("none", "severity=warning", "error_rate=99").Severity);
        Assert.Equal(ClassificationSource.Default, Decide("none", "alertname=A", "error_rate=99").Source);
    }

    [Fact]
    public void An_unknown_rule_set_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Classification(new SeverityConfiguration { Rules = "mine" }));

    private static void AssertRule(string rules, string evidence, Severity expected, string? rule)
    {
        var decision = Decide(rules, "alertname=A", evidence);
        var (source, reason) = rule is null
            ? (ClassificationSource.EvidenceBelowRules, $"no rule holds (rules: {rules})")
            : (ClassificationSource.Rule, $"{rule} (rules: {rules})");
        Assert.Equal(new ClassificationDecision(expected, source, reason), decision);
    }

    private static ClassificationDecision Decide(string rules, string labels, string annotations) =>
        new Classification(new SeverityConfiguration { Rules = rules })
            .Decide(SampleAlert.Firing(SampleAlert.Pairs(labels), SampleAlert.Pairs(annotations)));
}
