using System.Globalization;
using System.Text.Json;
using Pipeline.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

/// <summary>What an acceptable alert is read as.</summary>
public sealed class AlertReadingTests
{
    [Fact]
    public void Webhook_of_a_real_Alertmanager()
    {
        var alerts = AlertSources.Alertmanager.Read(Posts.Sample("alertmanager-firing"));

        Assert.Equal(["4e1a5121ca8394f9", "0402cadab495f690"], alerts.Select(alert => alert.Fingerprint));
        var alert = alerts[0];
        Assert.Equal((AlertStatus.Firing, "HighLatency", "alertmanager", Posts.ReceivedAt), (alert.Status, alert.Name, alert.Source, alert.ReceivedAt));
        Assert.Equal("10.0.0.7:8080", alert.Labels["instance"]);
        Assert.Equal("p99 latency is above 1 s", alert.Annotations["summary"]);
        Assert.Equal(("2026-11-22T07:11:29.9620000+00:00", null), (Text(alert.StartsAt), Text(alert.EndsAt)));
        Assert.Equal("http://prometheus.example:9090/graph?g0.expr=latency_p99+%3E+1&g0.tab=1", alert.GeneratorUrl);
        Assert.Null(alert.Extra);
    }

    [Fact]
    public void Post_of_a_real_Prometheus()
    {
        var alerts = AlertSources.Prometheus.Read(Posts.Sample("prometheus-firing"));

        Assert.Equal(["HighErrorRate", "HighLatency"], alerts.Select(alert => alert.Name));
        Assert.Equal((AlertStatus.Resolved, "prometheus"), (alerts[0].Status, alerts[0].Source));
        Assert.Equal(("2026-11-22T07:04:53.7040000+00:00", "2026-11-22T07:09:54.7040000+00:00"), (Text(alerts[0].StartsAt), Text(alerts[0].EndsAt)));
        Assert.Equal("Größer als 1 s ⚠", alerts[1].Annotations["description"]);
    }

    [Fact]
    public void An_end_ahead_of_the_receipt_is_firing()
    {
        var alerts = new List<Alert>();
        AlertSources.Prometheus.Read(Posts.Sample("prometheus-firing"), Posts.ReceivedAt.AddMinutes(-6), (_, alert) => alerts.Add(alert));

        Assert.All(alerts, alert => Assert.Equal(AlertStatus.Firing, alert.Status));
    }

    [Fact]
    public void Resolve_of_a_real_Prometheus() =>
        Assert.Equal(AlertStatus.Resolved, Assert.Single(AlertSources.Prometheus.Read(Posts.Sample("prometheus-resolved"))).Status);

    [Fact]
    public void Resolve_of_a_real_Alertmanager()
    {
        var alert = Assert.Single(AlertSources.Alertmanager.Read(Posts.Sample("alertmanager-resolved")));

        Assert.Equal((AlertStatus.Resolved, "2026-11-22T07:05:05.0000000+00:00"), (alert.Status, Text(alert.EndsAt)));
        Assert.Null(alert.GeneratorUrl);
    }

    [Fact]
    public void Alert_of_the_real_amtool_starts_when_it_is_received()
    {
        var alert = Assert.Single(AlertSources.Prometheus.Read(Posts.Sample("amtool-add")));

        Assert.Equal((AlertStatus.Firing, Posts.ReceivedAt, null), (alert.Status, alert.StartsAt, alert.EndsAt));
    }

    [Fact]
    public void Fingerprints_of_a_real_Alertmanager_are_ours()
    {
        foreach (var (source, _, body) in Posts.Samples.Where(sample => sample.Source == AlertSources.Alertmanager))
        {
            using var sent = JsonDocument.Parse(body);
            Assert.Equal(
                sent.RootElement.GetProperty("alerts").EnumerateArray().Select(alert => alert.GetProperty("fingerprint").GetString()),
                source.Read(body).Select(alert => alert.Fingerprint));
        }
    }

    [Fact]
    public void Left_out_alerts_are_counted() =>
        Assert.Equal(1, AlertSources.Alertmanager.Check(Posts.Sample("alertmanager-truncated"), Posts.ReceivedAt).TruncatedAlerts);

    [Theory]
    [InlineData("\"many\"")]
    [InlineData("{\"count\":3}")]
    [InlineData("null")]
    [InlineData("1e30")]
    public void A_count_of_left_out_alerts_that_is_none_is_passed_over(string count)
    {
        var check = AlertSources.Alertmanager.Check($$"""{"truncatedAlerts":{{count}},"alerts":[{{Posts.Firing()}}]}""");

        Assert.Equal((1, 0, null), (check.Accepted, check.TruncatedAlerts, check.Fault));
    }

    [Fact]
    public void Identity_is_never_taken_from_the_post()
    {
        var alert = AlertSources.Alertmanager.ReadOne(Posts.Webhook(Posts.Firing("\"fingerprint\":\"0000000000000000\"")));

        Assert.Equal("744e61ca074bea90", alert.Fingerprint);
    }

    [Fact]
    public void Both_paths_give_one_identity() =>
        Assert.Equal(
            AlertSources.Alertmanager.ReadOne(Posts.Webhook(Posts.Firing())).Fingerprint,
            AlertSources.Prometheus.ReadOne($"[{Posts.Named("DiskFull")}]").Fingerprint);

    [Fact]
    public void Empty_labels_are_left_out() =>
        Assert.Equal(["alertname"], AlertSources.Prometheus.ReadOne("""[{"labels":{"alertname":"DiskFull","pod":""}}]""").Labels.Keys);

    [Fact]
    public void Names_may_be_any_text() =>
        Assert.Equal(
            ["größe", "http.status", "a b"],
            AlertSources.Prometheus.ReadOne("""[{"labels":{"größe":"1","http.status":"2","a\u0020b":"3"}}]""").Labels.Keys);

    [Fact]
    public void Unknown_fields_are_kept_as_they_were()
    {
        var alert = AlertSources.Prometheus.ReadOne("""[{"x":[1, {"y":"\u00e9"}],"labels":{"a":"b"},"status":"firing","note":null}]""");

        Assert.Equal(["x", "status", "note"], alert.Extra!.Keys);
        Assert.Equal("""[1, {"y":"\u00e9"}]""", alert.Extra["x"].GetRawText());
        Assert.Equal(JsonValueKind.Null, alert.Extra["note"].ValueKind);
    }

    [Fact]
    public void Null_is_as_good_as_missing()
    {
        var alert = AlertSources.Prometheus.ReadOne("""[{"labels":{"a":"b"},"annotations":null,"startsAt":null,"endsAt":null,"generatorURL":null}]""");

        Assert.Equal((0, Posts.ReceivedAt, null, null), (alert.Annotations.Count, alert.StartsAt, alert.EndsAt, alert.GeneratorUrl));
    }

    [Fact]
    public void Of_an_annotation_given_twice_the_last_counts() =>
        Assert.Equal("2", AlertSources.Prometheus.ReadOne("""[{"labels":{"a":"b"},"annotations":{"n":"1","n":"2"}}]""").Annotations["n"]);

    [Fact]
    public void Escapes_are_read_everywhere()
    {
        var alert = AlertSources.Prometheus.ReadOne(
            """[{"l\u0061bels":{"\u0061":"\ud83d\udd25\n"},"startsAt":"2026\u002d11-22T07:00:00+00:00"}]""");

        Assert.Equal("🔥\n", alert.Labels["a"]);
        Assert.Equal("2026-11-22T07:00:00.0000000+00:00", Text(alert.StartsAt));
    }

    [Fact]
    public void Checking_a_good_post_makes_no_garbage()
    {
        foreach (var (source, _, body) in Posts.Samples)
        {
            source.Check(body, Posts.ReceivedAt);
            var before = GC.GetAllocatedBytesForCurrentThread();
            source.Check(body, Posts.ReceivedAt);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static string? Text(DateTimeOffset? time) => time?.ToString("O", CultureInfo.InvariantCulture);
}
