using System.Globalization;
using Pipeline.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

/// <summary>What makes one alert unacceptable, while its neighbours are taken.</summary>
public sealed class AlertFaultTests
{
    private const string Label = "\"labels\":{\"a\":\"b\"}";

    public static TheoryData<string, AlertFault, string> OfPrometheus => new()
    {
        // Something else than an object.
        { "5", AlertFault.NotAnObject, "found a number" },
        { "null", AlertFault.NotAnObject, "found null" },
        { "[{}]", AlertFault.NotAnObject, "found an array" },

        // Without labels there is no identity.
        { "{}", AlertFault.NoLabels, "no label" },
        { "{\"labels\":{}}", AlertFault.NoLabels, "no label" },
        { "{\"labels\":null}", AlertFault.NoLabels, "no label" },
        { "{\"labels\":{\"a\":\"\"}}", AlertFault.NoLabels, "no label" },

        // Labels that aren't an object of texts.
        { "{\"labels\":[\"a\"]}", AlertFault.WrongType, "\"labels\" must be an object, found an array" },
        { "{\"labels\":\"a=b\"}", AlertFault.WrongType, "\"labels\" must be an object, found a string" },
        { "{\"labels\":{\"a\":1}}", AlertFault.WrongType, "\"a\" in \"labels\" must be a string, found a number" },
        { "{\"labels\":{\"a\":null}}", AlertFault.WrongType, "found null" },
        { "{\"labels\":{\"a\":true}}", AlertFault.WrongType, "found a boolean" },
        { "{\"labels\":{\"a\":{\"b\":\"c\"}}}", AlertFault.WrongType, "found an object" },
        { "{\"labels\":{\"a\":[\"b\",{\"c\":1}],\"d\":\"e\"}}", AlertFault.WrongType, "found an array" },

        // The same label twice: which one is it? Also where one is empty, or written with an escape.
        { "{\"labels\":{\"a\":\"b\",\"a\":\"c\"}}", AlertFault.LabelTwice, "'a'" },
        { "{\"labels\":{\"a\":\"b\",\"a\":\"b\"}}", AlertFault.LabelTwice, "'a'" },
        { "{\"labels\":{\"a\":\"\",\"a\":\"c\"}}", AlertFault.LabelTwice, "'a'" },
        { "{\"labels\":{\"a\":\"b\",\"\\u0061\":\"c\"}}", AlertFault.LabelTwice, "'a'" },

        // Names that can't be.
        { "{\"labels\":{\"\":\"b\"}}", AlertFault.InvalidName, "label is empty" },
        { "{\"labels\":{\"a\\n\":\"b\"}}", AlertFault.InvalidName, "control character" },
        { "{\"labels\":{\"a\u007f\":\"b\"}}", AlertFault.InvalidName, "control character" },
        { "{\"labels\":{\"a\u0085\":\"b\"}}", AlertFault.InvalidName, "control character" },
        { "{" + Label + ",\"annotations\":{\"\":\"b\"}}", AlertFault.InvalidName, "annotation is empty" },

        // Half a surrogate pair, in each place a text can be.
        { "{\"labels\":{\"\\ud800\":\"b\"}}", AlertFault.InvalidText, "\\ud800" },
        { "{\"labels\":{\"a\":\"\\udc00\"}}", AlertFault.InvalidText, "\\udc00" },
        { "{" + Label + ",\"annotations\":{\"a\":\"x\\ud83dy\"}}", AlertFault.InvalidText, "\\ud83d" },
        { "{" + Label + ",\"generatorURL\":\"\\ud800\\ud800\"}", AlertFault.InvalidText, "\\ud800" },
        { "{" + Label + ",\"startsAt\":\"\\ud800\"}", AlertFault.InvalidText, "\\ud800" },
        { "{" + Label + ",\"\\ud800\":1}", AlertFault.InvalidText, "\\ud800" },
        { "{" + Label + ",\"x\":[{\"y\":\"\\ud800\"}]}", AlertFault.InvalidText, "\\ud800" },

        // Annotations that aren't an object of texts.
        { "{" + Label + ",\"annotations\":[]}", AlertFault.WrongType, "\"annotations\" must be an object" },
        { "{" + Label + ",\"annotations\":{\"a\":1}}", AlertFault.WrongType, "\"a\" in \"annotations\" must be a string" },

        // Other fields of another type.
        { "{" + Label + ",\"startsAt\":1767603600}", AlertFault.WrongType, "\"startsAt\" must be a string" },
        { "{" + Label + ",\"endsAt\":{}}", AlertFault.WrongType, "\"endsAt\" must be a string" },
        { "{" + Label + ",\"generatorURL\":[1]}", AlertFault.WrongType, "\"generatorURL\" must be a string" },

        // Times that are none, or absurd.
        { "{" + Label + ",\"startsAt\":\"yesterday\"}", AlertFault.InvalidTime, "'yesterday'" },
        { "{" + Label + ",\"startsAt\":\"\"}", AlertFault.InvalidTime, "\"startsAt\"" },
        { "{" + Label + ",\"startsAt\":\"1999-12-31T23:59:59Z\"}", AlertFault.InvalidTime, "before the year 2000" },
        { "{" + Label + ",\"startsAt\":\"0001-01-01T00:00:01Z\"}", AlertFault.InvalidTime, "before the year 2000" },
        { "{" + Label + ",\"endsAt\":\"1970-01-01T00:00:00Z\"}", AlertFault.InvalidTime, "before the year 2000" },
        { "{" + Label + ",\"endsAt\":\"2026-02-30T00:00:00Z\"}", AlertFault.InvalidTime, "\"endsAt\"" },
        { "{" + Label + ",\"startsAt\":\"2026-11-23T07:12:01Z\"}", AlertFault.StartsInFuture, "check the sender's clock" },
        { "{" + Label + ",\"startsAt\":\"9999-12-31T23:59:59Z\"}", AlertFault.StartsInFuture, "check the sender's clock" },
        { "{" + Label + ",\"startsAt\":\"2026-11-22T07:00:00Z\",\"endsAt\":\"2026-11-22T06:59:59Z\"}", AlertFault.EndsBeforeStart, "before startsAt" },

        // A field twice.
        { "{" + Label + "," + Label + "}", AlertFault.FieldTwice, "\"labels\"" },
        { "{" + Label + ",\"startsAt\":null,\"startsAt\":null}", AlertFault.FieldTwice, "\"startsAt\"" },
    };

    public static TheoryData<string, AlertFault, string> OfAlertmanager => new()
    {
        // A status is needed, and one of two words.
        { "{" + Label + "}", AlertFault.UnknownStatus, "no status" },
        { "{" + Label + ",\"status\":\"pending\"}", AlertFault.UnknownStatus, "'pending'" },
        { "{" + Label + ",\"status\":\"Firing\"}", AlertFault.UnknownStatus, "'Firing'" },
        { "{" + Label + ",\"status\":null}", AlertFault.UnknownStatus, "found null" },
        { "{" + Label + ",\"status\":{\"state\":\"active\"}}", AlertFault.UnknownStatus, "found an object" },
        { "{" + Label + ",\"status\":\"\\ud800\"}", AlertFault.InvalidText, "\\ud800" },
        { "{" + Label + ",\"status\":\"firing\",\"status\":\"resolved\"}", AlertFault.FieldTwice, "\"status\"" },
    };

    [Theory]
    [MemberData(nameof(OfPrometheus))]
    public void Prometheus_alert_is_rejected_alone(string alert, AlertFault fault, string reason) =>
        AssertRejectedAlone(AlertSources.Prometheus, $"[{Posts.Named("before")},{alert},{Posts.Named("after")}]", fault, reason);

    [Theory]
    [MemberData(nameof(OfAlertmanager))]
    public void Webhook_alert_is_rejected_alone(string alert, AlertFault fault, string reason) =>
        AssertRejectedAlone(AlertSources.Alertmanager, Posts.Webhook($"{Posts.Firing()},{alert},{Posts.Firing()}"), fault, reason);

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Takes_256_labels_and_no_more(int labels, bool accepted) =>
        AssertLimit(Labels(Enumerable.Range(0, labels).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"l{i}\":\"v\""))), accepted, AlertFault.TooManyLabels);

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void Takes_names_of_1024_bytes_and_no_longer(int bytes, bool accepted) =>
        AssertLimit(Labels([$"\"{new string('n', bytes)}\":\"v\""]), accepted, AlertFault.InvalidName);

    [Theory]
    [InlineData(65_536, true)]
    [InlineData(65_537, false)]
    public void Takes_label_values_of_64_KiB_and_no_longer(int bytes, bool accepted) =>
        AssertLimit(Labels([$"\"a\":\"{new string('v', bytes)}\""]), accepted, AlertFault.LabelTooLong);

    [Theory]
    [InlineData('x', 245_000, true)]
    [InlineData('x', 246_000, false)]

    // Written again these take more bytes: a letter beyond ASCII up to three times as many, DEL six.
    [InlineData('ö', 40_900, true)]
    [InlineData('ö', 41_000, false)]
    [InlineData('\u007f', 40_900, true)]
    [InlineData('\u007f', 41_000, false)]
    public void Takes_alerts_that_fit_a_message_and_no_larger(char text, int count, bool accepted)
    {
        var alert = "{" + Label + ",\"annotations\":{\"text\":\"" + new string(text, count) + "\"}}";

        AssertLimit(alert, accepted, AlertFault.TooLarge);
    }

    private static string Labels(IEnumerable<string> labels) => "{\"labels\":{" + string.Join(',', labels) + "}}";

    private static void AssertLimit(string alert, bool accepted, AlertFault fault)
    {
        var check = AlertSources.Prometheus.Check($"[{alert}]");

        Assert.Equal(accepted ? 1 : 0, check.Accepted);
        Assert.Equal(accepted ? null : fault, check.Rejected.SingleOrDefault()?.Fault);
    }

    private static void AssertRejectedAlone(AlertSource source, string body, AlertFault fault, string reason)
    {
        var check = source.Check(body);

        Assert.Null(check.Fault);
        var rejected = Assert.Single(check.Rejected);
        Assert.Equal((1, fault), (rejected.Index, rejected.Fault));
        Assert.Contains(reason, rejected.Reason, StringComparison.Ordinal);
        Assert.Equal(2, source.Read(Posts.Utf8(body)).Count);
        Assert.Equal(2, check.Accepted);
    }
}
