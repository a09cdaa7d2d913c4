using System.Globalization;
using System.Text;
using Pipeline.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

/// <summary>Odd alerts that a person would want to be woken by: each is taken, mended, and the mending said.</summary>
public sealed class AlertMendingTests
{
    private const string Labels = "\"labels\":{\"a\":\"b\"}";

    public static TheoryData<string, string?, AlertMendingKind?, string> OddTimes => new()
    {
        // No start, said in each way: nothing was odd.
        { "", null, null, "" },
        { "\"startsAt\":null", null, null, "" },
        { "\"startsAt\":\"0001-01-01T00:00:00Z\"", null, null, "" },

        // A start that is none.
        { "\"startsAt\":\"\"", null, AlertMendingKind.StartUnreadable, "startsAt ''" },
        { "\"startsAt\":\"1970-01-01T00:00:00Z\"", null, AlertMendingKind.StartUnreadable, "startsAt '1970-01-01T00:00:00Z'" },
        { "\"startsAt\":\"1999-12-31T23:59:59Z\"", null, AlertMendingKind.StartUnreadable, "no time since the year 2000" },
        { "\"startsAt\":\"0001-01-01T00:00:00+02:00\"", null, AlertMendingKind.StartUnreadable, "no time since the year 2000" },
        { "\"startsAt\":\"yesterday\"", null, AlertMendingKind.StartUnreadable, "'yesterday'" },
        { "\"startsAt\":\"2026-02-30T00:00:00Z\"", null, AlertMendingKind.StartUnreadable, "'2026-02-30T00:00:00Z'" },
        { "\"startsAt\":\"\\ud800\"", null, AlertMendingKind.StartUnreadable, "\\ud800" },
        { "\"startsAt\":0", null, AlertMendingKind.StartUnreadable, "startsAt '0'" },
        { "\"startsAt\":-1e300", null, AlertMendingKind.StartUnreadable, "startsAt '-1e300'" },
        { "\"startsAt\":9e22", null, AlertMendingKind.StartUnreadable, "startsAt '9e22'" },
        { "\"startsAt\":true", null, AlertMendingKind.StartUnreadable, "startsAt was a boolean" },
        { "\"startsAt\":{\"seconds\":1}", null, AlertMendingKind.StartUnreadable, "startsAt was an object" },

        // A time in another form: seconds, milliseconds, microseconds and nanoseconds since 1970; without T, zone or colon; as Go prints it.
        { "\"startsAt\":1795330800", "2026-11-22T07:00:00Z", AlertMendingKind.TimeReread, "startsAt '1795330800'" },
        { "\"startsAt\":1795330800000", "2026-11-22T07:00:00Z", AlertMendingKind.TimeReread, "read as 2026-11-22 07:00:00Z" },
        { "\"startsAt\":\"1795330800000000\"", "2026-11-22T07:00:00Z", AlertMendingKind.TimeReread, "" },
        { "\"startsAt\":1795330800000000000", "2026-11-22T07:00:00Z", AlertMendingKind.TimeReread, "" },
        { "\"startsAt\":\"2026-11-22 07:00:00\"", "2026-11-22T07:00:00Z", AlertMendingKind.TimeReread, "" },
        { "\"startsAt\":\"2026-11-22T07:00:00\"", "2026-11-22T07:00:00Z", AlertMendingKind.TimeReread, "" },
        { "\"startsAt\":\"2026-11-22T08:00:00.000+0100\"", "2026-11-22T07:00:00Z", AlertMendingKind.TimeReread, "" },
        { "\"startsAt\":\"2026-11-22 07:00:00.123456789 +0000 UTC\"", "2026-11-22T07:00:00.1234568Z", AlertMendingKind.TimeReread, "" },

        // An end that is none.
        { "\"endsAt\":\"\"", null, AlertMendingKind.EndUnreadable, "endsAt ''" },
        { "\"endsAt\":\"1970-01-01T00:00:00Z\"", null, AlertMendingKind.EndUnreadable, "endsAt '1970-01-01T00:00:00Z'" },
        { "\"endsAt\":\"0001-01-01T00:00:00Z\"", null, null, "" },
        { "\"endsAt\":null", null, null, "" },

        // A start ahead.
        { "\"startsAt\":\"2026-11-22T07:22:00Z\"", null, AlertMendingKind.StartAhead, "startsAt 2026-11-22 07:22:00Z was 10 min after its receipt" },
        { "\"startsAt\":\"9999-12-31T23:59:59Z\"", null, AlertMendingKind.StartAhead, "check the sender's clock" },

        // An end before the start.
        { "\"startsAt\":\"2026-11-22T07:00:00Z\",\"endsAt\":\"2026-11-22T06:59:59Z\"", "2026-11-22T07:00:00Z", AlertMendingKind.EndBeforeStart, "was before startsAt 2026-11-22 07:00:00Z and was left out" },
    };

    public static TheoryData<string, AlertStatus, string> OddStatuses => new()
    {
        // In another case, or with space around it: nothing was odd.
        { "\"status\":\"Firing\"", AlertStatus.Firing, "" },
        { "\"status\":\" RESOLVED \"", AlertStatus.Resolved, "" },

        // None, or another word: the end counts.
        { "\"x\":1", AlertStatus.Firing, "The status was missing" },
        { "\"status\":\"pending\"", AlertStatus.Firing, "The status was 'pending' instead of firing or resolved; its endsAt says firing." },
        { "\"status\":\"ok\",\"endsAt\":\"2026-11-22T07:11:59Z\"", AlertStatus.Resolved, "its endsAt says resolved" },
        { "\"status\":null", AlertStatus.Firing, "The status was null" },
        { "\"status\":{\"state\":\"active\"}", AlertStatus.Firing, "The status was an object" },
        { "\"status\":\"\\ud800\"", AlertStatus.Firing, "'\\ud800'" },
    };

    public static TheoryData<string, string, AlertMendingKind, string> OddTexts => new()
    {
        // Values that aren't text; null is no value.
        { "\"labels\":{\"a\":1}", "a=1", AlertMendingKind.ValueNotText, "The label 'a' was a number" },
        { "\"labels\":{\"a\":1.50}", "a=1.50", AlertMendingKind.ValueNotText, "" },
        { "\"labels\":{\"a\":true}", "a=true", AlertMendingKind.ValueNotText, "was a boolean" },
        { "\"labels\":{\"a\":{\"b\":\"c\"}}", "a={\"b\":\"c\"}", AlertMendingKind.ValueNotText, "was an object" },
        { "\"labels\":{\"a\":[1,{}],\"b\":\"c\"}", "a=[1,{}] b=c", AlertMendingKind.ValueNotText, "was an array" },
        { Labels + ",\"annotations\":{\"n\":2}", "a=b n=2", AlertMendingKind.ValueNotText, "The annotation 'n' was a number" },

        // Half a surrogate pair, wherever a text can be.
        { "\"labels\":{\"\\ud800\":\"b\"}", "\uFFFD=b", AlertMendingKind.TextReplaced, "The name '\\ud800'" },
        { "\"labels\":{\"a\":\"\\n\\udc00\\ud83d\\udd25\"}", "a=\n\uFFFD🔥", AlertMendingKind.TextReplaced, "The label 'a'" },
        { Labels + ",\"annotations\":{\"n\":\"x\\ud83dy\\u0041\\\"\"}", "a=b n=x\uFFFDyA\"", AlertMendingKind.TextReplaced, "The annotation 'n'" },
        { Labels + ",\"generatorURL\":\"\\ud800\"", "a=b", AlertMendingKind.FieldLeftOut, "\"generatorURL\"" },
        { Labels + ",\"x\":[{\"y\":\"\\ud800\"}]", "a=b", AlertMendingKind.FieldLeftOut, "The field 'x'" },
        { Labels + ",\"\\ud800\":1", "a=b", AlertMendingKind.FieldLeftOut, "\\ud800" },

        // A label or a field twice, also written with an escape, also where one has no value.
        { "\"labels\":{\"a\":\"b\",\"\\u0061\":\"c\"}", "a=c", AlertMendingKind.LabelTwice, "The label 'a'" },
        { "\"labels\":{\"a\":\"b\",\"a\":\"\"}", "a=b", AlertMendingKind.LabelTwice, "The label 'a'" },
        { Labels + ",\"labels\":{\"c\":\"d\"}", "a=b c=d", AlertMendingKind.FieldTwice, "\"labels\"" },

        // Fields of another type.
        { Labels + ",\"annotations\":[]", "a=b", AlertMendingKind.FieldLeftOut, "\"annotations\" was an array instead of an object" },
        { Labels + ",\"generatorURL\":[1]", "a=b", AlertMendingKind.FieldLeftOut, "\"generatorURL\" was an array instead of a string" },
    };

    [Theory]
    [MemberData(nameof(OddTimes))]
    public void D11_Odd_times_of_a_firing_alert_are_mended_and_said(string fields, string? start, AlertMendingKind? kind, string said)
    {
        var expected = start is null ? Posts.ReceivedAt : DateTimeOffset.Parse(start, CultureInfo.InvariantCulture);
        foreach (var alert in new[]
        {
            AlertSources.Alertmanager.ReadOne(Posts.Webhook(Posts.Firing(fields))),
            AlertSources.Prometheus.ReadOne("[{" + Labels + (fields.Length > 0 && !fields.Contains("06:59", StringComparison.Ordinal) ? "," + fields : "") + "}]"),
        }.Take(fields.Contains("06:59", StringComparison.Ordinal) ? 1 : 2))
        {
            Assert.Equal((AlertStatus.Firing, expected, null), (alert.Status, alert.StartsAt, alert.EndsAt));
            AssertSaid(alert, kind, said);
        }
    }

    [Theory]

    // As Alertmanager's webhook states it, and by its end alone; a second or a day before.
    [InlineData("alertmanager", "06:59:59")]
    [InlineData("prometheus", "06:59:59")]
    [InlineData("alertmanager", "00:00:00")]
    [InlineData("prometheus", "00:00:00")]
    public void D10_A_resolve_that_ends_before_its_start_is_a_resolve(string source, string end)
    {
        var times = $"\"startsAt\":\"2026-11-22T07:00:00Z\",\"endsAt\":\"2026-11-22T{end}Z\"";
        var alert = source == "alertmanager"
            ? AlertSources.Alertmanager.ReadOne(Posts.Webhook("{\"status\":\"resolved\"," + Labels + "," + times + "}"))
            : AlertSources.Prometheus.ReadOne("[{" + Labels + "," + times + "}]");

        Assert.Equal((AlertStatus.Resolved, alert.StartsAt), (alert.Status, alert.EndsAt));
        AssertSaid(alert, AlertMendingKind.EndBeforeStart, "taken as one that began at its end");
    }

    [Theory]
    [MemberData(nameof(OddStatuses))]
    public void O5_An_unknown_status_is_judged_by_the_end(string status, AlertStatus expected, string said)
    {
        var alert = AlertSources.Alertmanager.ReadOne("{\"alerts\":[{" + Labels + "," + status + "}]}");

        Assert.Equal(expected, alert.Status);
        AssertSaid(alert, said.Length == 0 ? null : AlertMendingKind.StatusUnknown, said);
    }

    [Theory]

    // Before the alerts, as Alertmanager has it, and after them; in any case.
    [InlineData("{\"status\":\"resolved\",\"alerts\":[ALERT]}", AlertStatus.Resolved)]
    [InlineData("{\"x\":{\"status\":\"resolved\"},\"alerts\":[ALERT],\"status\":\"FIRING\"}", AlertStatus.Firing)]
    [InlineData("{\"alerts\":[ALERT],\"y\":[[]],\"status\":\"resolved\"}", AlertStatus.Resolved)]

    // One that is unknown itself leaves it to the end.
    [InlineData("{\"alerts\":[ALERT],\"status\":\"partial\"}", AlertStatus.Firing)]
    public void O5_An_unknown_status_is_the_post_s(string post, AlertStatus expected)
    {
        var alert = AlertSources.Alertmanager.ReadOne(post.Replace("ALERT", "{" + Labels + ",\"status\":\"odd\"}", StringComparison.Ordinal));

        Assert.Equal(expected, alert.Status);
        AssertSaid(alert, AlertMendingKind.StatusUnknown, "'odd'");
    }

    [Theory]
    [MemberData(nameof(OddTexts))]
    public void O5_Odd_texts_are_taken_as_text(string fields, string expected, AlertMendingKind kind, string said)
    {
        var post = $"[{Posts.Named("before")},{{{fields}}},{Posts.Named("after")}]";
        var alert = AlertSources.Prometheus.Read(Posts.Utf8(post))[1];

        Assert.Equal(expected, string.Join(' ', alert.Labels.Concat(alert.Annotations).Select(pair => $"{pair.Key}={pair.Value}")));
        Assert.Equal((null, null), (alert.GeneratorUrl, alert.Extra));
        Assert.Equal(Fingerprint.Of(alert.Labels), alert.Fingerprint);
        AssertSaid(alert, kind, said);
        Assert.Equal(3, AlertSources.Prometheus.Check(post).Accepted);
    }

    [Fact]
    public void O5_Any_name_is_a_name() =>
        Assert.Equal(
            ["", "a\n", "a\u0085", new string('n', 5000)],
            AlertSources.Prometheus.ReadOne($$$"""[{"labels":{"":"1","a\n":"2","a\u0085":"3","{{{new string('n', 5000)}}}":"4"}}]""").Labels.Keys);

    [Fact]
    public void O5_More_labels_than_are_looked_through_are_all_kept() =>
        Assert.Equal(1000, AlertSources.Prometheus.ReadOne(
            "[{\"labels\":{" + string.Join(',', Enumerable.Range(0, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"l{i}\":\"v\""))) + "}}]").Labels.Count);

    [Theory]

    // One that is just too large; the longest that a post can hold; one that only grows where it is written again.
    [InlineData('x', 246_000)]
    [InlineData('x', 32_000_000)]
    [InlineData('\u007f', 41_000)]
    [InlineData('日', 500_000)]
    public void O5_An_overlong_annotation_is_cut_and_said(char text, int count)
    {
        var post = "[{" + Labels + ",\"annotations\":{\"summary\":\"Disk full\",\"text\":\"" + new string(text, count) + "\"}}]";

        var alert = AlertSources.Prometheus.ReadOne(post);

        Assert.Equal((1, 0), (AlertSources.Prometheus.Check(post).Accepted, AlertSources.Prometheus.Check(post).Rejected.Count));
        Assert.Equal(("Disk full", Fingerprint.Of(alert.Labels)), (alert.Annotations["summary"], alert.Fingerprint));
        Assert.EndsWith($"{text}…", alert.Annotations["text"], StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(alert.Annotations["text"]), 16_000, 16 * 1024);
        Assert.InRange(AlertJson.Write(alert).Length, 1, AlertLimits.MaxAlertBytes);
        AssertSaid(alert, AlertMendingKind.Cut, "texts longer than 16384 bytes were cut");
    }

    [Fact]
    public void O5_An_alert_too_large_by_other_fields_or_many_annotations_keeps_what_fits()
    {
        var many = string.Join(',', Enumerable.Range(0, 20_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"n{i}\":\"some text\"")));
        var alert = AlertSources.Prometheus.ReadOne(
            "[{" + Labels + ",\"annotations\":{\"summary\":\"Disk full\"," + many + "},\"x\":\"" + new string('x', 300_000) + "\",\"generatorURL\":\"http://" + new string('g', 20_000) + "\"}]");

        Assert.Equal(("Disk full", 100, null), (alert.Annotations["summary"], alert.Annotations.Count, alert.GeneratorUrl));
        Assert.Empty(alert.Extra!);
        AssertSaid(alert, AlertMendingKind.Cut, "cut");
    }

    [Fact]
    public void O5_Overlong_labels_are_cut_but_the_identity_is_that_of_the_whole()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = "DiskFull", ["query"] = new('q', 300_000) };
        var alert = AlertSources.Prometheus.ReadOne($$$"""[{"labels":{"alertname":"DiskFull","query":"{{{labels["query"]}}}"},"annotations":{"summary":"s"}}]""");

        Assert.Equal(Fingerprint.Of(labels), alert.Fingerprint);
        Assert.Equal(("DiskFull", new string('q', 1021) + "…"), (alert.Name, alert.Labels["query"]));
        AssertSaid(alert, AlertMendingKind.Cut, "Its identity is that of the whole labels.");

        // One that a message holds stays whole.
        Assert.Equal(200_000, AlertSources.Prometheus.ReadOne($$$"""[{"labels":{"a":"{{{new string('q', 200_000)}}}"}}]""").Labels["a"].Length);
    }

    [Theory]

    // A character in Latin-1; one cut off; a surrogate and an overlong encoding as UTF-8.
    [InlineData("\xF6", "\uFFFD")]
    [InlineData("\xE2\x82", "\uFFFD")]
    [InlineData("\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD")]
    [InlineData("\xC0\xAF", "\uFFFD\uFFFD")]
    public void O5_Bytes_that_are_not_UTF8_are_replaced(string latin1, string expected)
    {
        byte[] body = [.. "[{\"labels\":{\"a\":\"b\"}},{\"labels\":{\"a\":\""u8, .. Encoding.Latin1.GetBytes(latin1), .. "\"}}]"u8];

        var alerts = AlertSources.Prometheus.Read(body);

        Assert.Equal(2, AlertSources.Prometheus.Check(body, Posts.ReceivedAt).Accepted);
        Assert.Equal(["b", expected], alerts.Select(alert => alert.Labels["a"]));
        Assert.Null(alerts[0].Mendings);
        AssertSaid(alerts[1], AlertMendingKind.TextReplaced, "bytes that aren't UTF-8");
    }

    [Fact]
    public void O5_A_byte_order_mark_is_passed_over() =>
        Assert.Equal(1, AlertSources.Prometheus.Check([0xEF, 0xBB, 0xBF, .. Posts.Utf8($"[{Posts.Named("A")}]")], Posts.ReceivedAt).Accepted);

    [Fact]
    public void A_mending_of_a_kind_that_is_not_known_is_read_as_other()
    {
        var alert = AlertSources.Prometheus.ReadOne("[{\"labels\":{\"a\":1}}]");
        var written = Encoding.UTF8.GetString(AlertJson.Write(alert));

        Assert.Contains("\"kind\":\"valueNotText\"", written, StringComparison.Ordinal);
        Assert.Equal(alert.Mendings, AlertJson.Read(Encoding.UTF8.GetBytes(written)).Mendings);
        var later = written.Replace("valueNotText", "fromTheFuture", StringComparison.Ordinal);
        Assert.Equal(AlertMendingKind.Other, AlertJson.Read(Encoding.UTF8.GetBytes(later)).Mendings![0].Kind);
    }

    private static void AssertSaid(Alert alert, AlertMendingKind? kind, string said)
    {
        if (kind is null)
        {
            Assert.Null(alert.Mendings);
            return;
        }

        Assert.Contains(said, Assert.Single(alert.Mendings!, mending => mending.Kind == kind).Detail, StringComparison.Ordinal);
    }
}
