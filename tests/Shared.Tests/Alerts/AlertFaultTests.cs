using System.Globalization;
using Pipeline.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

/// <summary>What makes one alert unacceptable, while its neighbours are taken.</summary>
public sealed class AlertFaultTests
{
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

        // Labels that aren't an object.
        { "{\"labels\":[\"a\"]}", AlertFault.WrongType, "\"labels\" must be an object, found an array" },
        { "{\"labels\":\"a=b\"}", AlertFault.WrongType, "\"labels\" must be an object, found a string" },

        // A label of null has no value either.
        { "{\"labels\":{\"a\":null}}", AlertFault.NoLabels, "no label" },
    };

    [Theory]
    [MemberData(nameof(OfPrometheus))]
    public void Prometheus_alert_is_rejected_alone(string alert, AlertFault fault, string reason) =>
        AssertRejectedAlone(AlertSources.Prometheus, $"[{Posts.Named("before")},{alert},{Posts.Named("after")}]", fault, reason);

    [Theory]

    // 39 labels of 1 KiB, a few bytes below what is kept; one more is too much.
    [InlineData(39, true)]
    [InlineData(40, false)]
    public void An_alert_larger_than_a_message_is_taken_up_to_40_KiB_of_labels(int labels, bool accepted)
    {
        var names = Enumerable.Range(0, labels).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"l{i}\":\"{new string('v', 300_000)}\""));

        var check = AlertSources.Prometheus.Check("[{\"labels\":{" + string.Join(',', names) + "}}]");

        Assert.Equal(accepted ? 1 : 0, check.Accepted);
        Assert.Equal(accepted ? null : AlertFault.TooLarge, check.Rejected.SingleOrDefault()?.Fault);
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
