using System.Text;
using System.Text.Json;
using Pipeline.Alerts;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

public sealed class AlertJsonTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        var alert = Full();

        AssertSame(alert, AlertJson.Read(AlertJson.Write(alert)));
    }

    [Fact]
    public void It_is_the_programs_one_dialect()
    {
        var alert = Full();

        AssertSame(alert, PipelineJson.FromUtf8<Alert>(AlertJson.Write(alert)));
        AssertSame(alert, AlertJson.Read(PipelineJson.ToUtf8(alert)));
        Assert.Equal(Encoding.UTF8.GetString(PipelineJson.ToUtf8(alert)), Encoding.UTF8.GetString(AlertJson.Write(alert)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Anything_else_is_refused(string json) => Assert.Throws<JsonException>(() => AlertJson.Read(Posts.Utf8(json)));

    [Theory]
    [InlineData("x", 245_000)]
    [InlineData("\u007f", 40_900)]
    [InlineData("🔥", 20_400)]
    [InlineData("日", 27_000)]
    public void The_largest_alerts_fit_a_message(string text, int count)
    {
        const int serviceBusMessageBytes = 256 * 1000;
        var alert = AlertSources.Prometheus.ReadOne($$"""[{"labels":{"a":"b"},"x":"{{string.Concat(Enumerable.Repeat(text, count))}}"}]""");

        Assert.InRange(AlertJson.Write(alert).Length, 1, serviceBusMessageBytes);
    }

    [Fact]
    public void The_deepest_alert_is_written_and_read()
    {
        var nested = new string('[', 62) + new string(']', 62);
        var alert = AlertSources.Prometheus.ReadOne($$"""[{"labels":{"a":"b"},"x":{{nested}}}]""");

        Assert.Equal(nested, AlertJson.Read(AlertJson.Write(alert)).Extra!["x"].GetRawText());
    }

    private static Alert Full() => AlertSources.Alertmanager.ReadOne(Posts.Webhook(
        """
        {"status":"resolved","labels":{"alertname":"Größe","note":"\"quoted\" \\ 🔥 <&>"},"annotations":{"summary":"\u0007"},
         "startsAt":"2026-11-22T07:00:00.123456789Z","endsAt":"2026-11-22T07:05:00Z","generatorURL":"http://g","values":{"A":1.50}}
        """));

    private static void AssertSame(Alert expected, Alert actual)
    {
        Assert.Equal(expected.Labels, actual.Labels);
        Assert.Equal(expected.Annotations, actual.Annotations);
        Assert.Equal(
            expected.Extra?.ToDictionary(field => field.Key, field => field.Value.GetRawText(), StringComparer.Ordinal),
            actual.Extra?.ToDictionary(field => field.Key, field => field.Value.GetRawText(), StringComparer.Ordinal));
        Assert.Equal(
            expected with { Labels = actual.Labels, Annotations = actual.Annotations, Extra = actual.Extra },
            actual);
    }
}
