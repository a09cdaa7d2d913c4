using Pipeline.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

/// <summary>What makes a whole post unreadable, and that the answer says where.</summary>
public sealed class PostFaultTests
{
    public static TheoryData<string, string, PostFault, string> Unreadable => new()
    {
        // Nothing at all, or nothing but space.
        { "prometheus", "", PostFault.EmptyBody, "The body is empty." },
        { "prometheus", " \r\n\t", PostFault.EmptyBody, "The body is empty." },

        // A word where JSON is expected.
        { "prometheus", "hello", PostFault.MalformedJson, "line 1, byte 1:" },

        // Cut off in the middle.
        { "prometheus", "[{\"labels\":{\"a", PostFault.MalformedJson, "line 1, byte 15:" },
        { "prometheus", "[", PostFault.MalformedJson, "line 1, byte 2:" },
        { "alertmanager", "{\"alerts\":[]", PostFault.MalformedJson, "line 1, byte 13:" },

        // A trailing comma, on another line.
        { "prometheus", "[\n  {\"labels\":{\"a\":\"b\"},}\n]", PostFault.MalformedJson, "line 2, byte 23:" },

        // A comment; single quotes; a number that is none; a raw control character in a text; an unknown escape.
        { "prometheus", "[/* none */]", PostFault.MalformedJson, "line 1, byte 2:" },
        { "prometheus", "[{'labels':{}}]", PostFault.MalformedJson, "line 1, byte 3:" },
        { "prometheus", "[{\"x\":01}]", PostFault.MalformedJson, "line 1, byte 8:" },
        { "prometheus", "[\"a\u0001\"]", PostFault.MalformedJson, "line 1, byte 4:" },
        { "prometheus", "[\"\\x\"]", PostFault.MalformedJson, "line 1, byte 4:" },

        // Something after the end.
        { "prometheus", "[] []", PostFault.TrailingData, "line 1, byte 4." },
        { "alertmanager", "{\"alerts\":[]}x", PostFault.TrailingData, "line 1, byte 14." },

        // The other route's format: the answer names that route.
        { "prometheus", "{\"alerts\":[]}", PostFault.WrongRoot, "/api/alerts/alertmanager" },
        { "alertmanager", "[]", PostFault.WrongRoot, "/api/v2/alerts" },

        // Neither format.
        { "prometheus", "null", PostFault.WrongRoot, "found null" },
        { "prometheus", "\"alerts\"", PostFault.WrongRoot, "found a string" },
        { "alertmanager", "42", PostFault.WrongRoot, "found a number" },

        // No alerts in the object, or not as a list.
        { "alertmanager", "{}", PostFault.MissingAlerts, "no \"alerts\"" },
        { "alertmanager", "{\"alerts\":null}", PostFault.MissingAlerts, "found null" },
        { "alertmanager", "{\"alerts\":{}}", PostFault.MissingAlerts, "found an object" },

        // Two lists: which one counts?
        { "alertmanager", "{\"alerts\":[],\"alerts\":[]}", PostFault.AlertsTwice, "twice" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void Says_what_and_where(string source, string body, PostFault fault, string where)
    {
        var check = Of(source).Check(body);

        Assert.Equal(fault, check.Fault?.Fault);
        Assert.Contains(where, check.Fault!.Detail, StringComparison.Ordinal);
        Assert.Equal(0, check.Accepted);
    }

    [Theory]
    [InlineData("prometheus", "[{\"labels\":{\"a\":\"b\"},\"x\":", "}]", 2)]
    [InlineData("prometheus", "", "", 0)]
    [InlineData("alertmanager", "{\"alerts\":[{\"status\":\"firing\",\"labels\":{\"a\":\"b\"},\"x\":", "}]}", 3)]
    [InlineData("alertmanager", "{\"x\":", ",\"alerts\":[]}", 1)]
    public void Takes_64_levels_and_no_more(string source, string before, string after, int outer)
    {
        var deepest = before + Nested(64 - outer) + after;
        var deeper = before + Nested(65 - outer) + after;

        Assert.NotEqual(PostFault.TooDeep, Of(source).Check(deepest).Fault?.Fault);
        Assert.Equal(PostFault.TooDeep, Of(source).Check(deeper).Fault?.Fault);
    }

    [Fact]
    public void A_million_brackets_are_only_too_deep() =>
        Assert.Equal(PostFault.TooDeep, AlertSources.Prometheus.Check(new string('[', 1_000_000)).Fault?.Fault);

    [Theory]
    [InlineData(50_000, null)]
    [InlineData(50_001, PostFault.TooManyAlerts)]
    public void Takes_50000_alerts_and_no_more(int alerts, PostFault? fault)
    {
        var check = AlertSources.Prometheus.Check("[" + string.Join(',', Enumerable.Repeat(Posts.Named("A"), alerts)) + "]");

        Assert.Equal(fault, check.Fault?.Fault);
        Assert.Equal(fault is null ? alerts : 0, check.Accepted);
    }

    [Fact]
    public void A_fault_after_good_alerts_refuses_them_too()
    {
        var check = AlertSources.Alertmanager.Check($$"""{"alerts":[{{Posts.Firing()}}],"alerts":[]}""");

        Assert.Equal((0, PostFault.AlertsTwice), (check.Accepted, check.Fault!.Fault));
    }

    [Theory]
    [InlineData("prometheus", "[]")]
    [InlineData("prometheus", "\n[ ]\n")]
    [InlineData("alertmanager", "{\"alerts\":[]}")]
    public void No_alerts_are_no_fault(string source, string body)
    {
        var check = Of(source).Check(body);

        Assert.Equal((0, 0, null), (check.Accepted, check.Rejected.Count, check.Fault));
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static AlertSource Of(string name) => AlertSources.Default.TryGet(name, out var source) ? source : throw new ArgumentException(name, nameof(name));
}
