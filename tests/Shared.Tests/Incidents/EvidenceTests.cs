using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class EvidenceTests
{
    [Theory]
    [InlineData("12", 12)]
    [InlineData("12.5", 12.5)]
    [InlineData(" 12.5 ", 12.5)]
    // A percentage stays as written.
    [InlineData("12.5%", 12.5)]
    [InlineData("12.5 %", 12.5)]
    // Money, with and without groups of three.
    [InlineData("$12500", 12_500)]
    [InlineData("$12,500", 12_500)]
    [InlineData("€1,234,567.50", 1_234_567.5)]
    [InlineData("$1.2k", 1200)]
    [InlineData("$12,500/hour", 12_500)]
    [InlineData("$12.5k/h", 12_500)]
    [InlineData("£900/hr", 900)]
    // Times in seconds.
    [InlineData("350ms", 0.35)]
    [InlineData("2s", 2)]
    // A multiple, an estimate, a sign, an exponent as Prometheus prints it.
    [InlineData("3x", 3)]
    [InlineData("~40%", 40)]
    [InlineData("-3", -3)]
    [InlineData("1.25e+02", 125)]
    // Facts.
    [InlineData("true", 1)]
    [InlineData("Yes", 1)]
    [InlineData("FALSE", 0)]
    [InlineData("no", 0)]
    public void A_number_is_read_as_people_write_it(string text, double expected)
    {
        Assert.True(Evidence.TryReadNumber(text, out var number));
        Assert.Equal(expected, number, 9);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("%")]
    [InlineData("high")]
    [InlineData("about 12")]
    [InlineData("12 of 100")]
    [InlineData("{{ $value }}")]
    // Neither is a measurement.
    [InlineData("NaN")]
    [InlineData("+Inf")]
    [InlineData("1e999")]
    // A decimal comma: 12.5 or 125? A guess would page somebody.
    [InlineData("12,5%")]
    [InlineData("1,2345")]
    [InlineData(",500")]
    // An unknown unit.
    [InlineData("5min")]
    public void Anything_else_is_no_number(string text) => Assert.False(Evidence.TryReadNumber(text, out _));

    [Fact]
    public void Names_are_read_without_regard_to_case_and_dashes_and_annotations_win()
    {
        var alert = SampleAlert.Firing(SampleAlert.Pairs("error_rate=10;sla_breach=no"), SampleAlert.Pairs("Error-Rate=60%;other=5"));
        var evidence = Evidence.Of(alert, SeverityRules.Reference.KnownMetrics);
        Assert.Equal(60, evidence["error_rate"]);
        Assert.Equal(0, evidence["sla_breach"]);
        Assert.Null(evidence["other"]);
        Assert.Null(evidence["users_affected_pct"]);
    }

    [Fact]
    public void An_alert_without_known_names_has_no_evidence() =>
        Assert.True(Evidence.Of(SampleAlert.Firing(SampleAlert.Pairs("alertname=A;error=60")), SeverityRules.Reference.KnownMetrics).IsEmpty);

    [Fact]
    public void O2_What_can_not_be_read_is_named_unless_it_can_be_elsewhere()
    {
        var alert = SampleAlert.Firing(
            SampleAlert.Pairs("error_rate=high;sla_breach=maybe;latency_p95=2s"), SampleAlert.Pairs("Error-Rate=60;latency_p95=slow"));
        var evidence = Evidence.Of(alert, SeverityRules.Reference.KnownMetrics);
        Assert.Equal(["sla_breach"], evidence.Unreadable);
        Assert.Equal((60, 2), (evidence["error_rate"], evidence["latency_p95"]));
    }
}
