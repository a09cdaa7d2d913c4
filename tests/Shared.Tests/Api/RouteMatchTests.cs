using Pipeline.Api;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class RouteMatchTests
{
    private static readonly ApiRoute[] Api =
    [
        Routes.Health, Routes.PostAlertmanager, Routes.PostAlertsV1, Routes.PostAlertsV2, Routes.GetIncident, Routes.GetTimeline, Routes.RaiseEvent,
    ];

    [Theory]
    // As it is, whatever its case, with slashes too many.
    [InlineData("GET", "/api/health", "Health")]
    [InlineData("get", "/API/Health/", "Health")]
    [InlineData("POST", "//api/v2//alerts", "PostPrometheusAlerts")]
    // HEAD wherever GET.
    [InlineData("HEAD", "/api/health", "Health")]
    [InlineData("HEAD", "/api/incidents/INC-1/timeline", "GetTimeline id=INC-1")]
    // With values.
    [InlineData("GET", "/api/incidents/INC 1", "GetIncident id=INC 1")]
    [InlineData("POST", "/api/orchestrations/a/raise-event/b", "RaiseEvent id=a name=b")]
    // Below the path base, in any case; and a route that begins like it.
    [InlineData("POST", "/ops/pipeline/api/v1/alerts", "PostPrometheusAlertsV1")]
    [InlineData("POST", "/Ops/Pipeline/api/alerts/alertmanager", "PostAlertmanagerWebhook")]
    public void D12_A_path_is_served_at_the_root_and_below_the_path_base(string method, string path, string expected)
    {
        var match = RouteMatch.Decide(Api, method, path, "/ops/pipeline");
        Assert.Equal(RouteMatchKind.Served, match.Kind);
        Assert.Equal(expected, string.Join(' ', [match.Route!.Name, .. match.Values!.Select(value => $"{value.Key}={value.Value}")]));
    }

    [Theory]
    [InlineData("POST", "/api/health", "GET, HEAD")]
    [InlineData("GET", "/api/v2/alerts", "POST")]
    [InlineData("OPTIONS", "/api/alerts/alertmanager/", "POST")]
    [InlineData("DELETE", "/ops/pipeline/api/incidents/INC-1", "GET, HEAD")]
    public void D13_Another_method_is_told_which_there_are(string method, string path, string allowed)
    {
        var match = RouteMatch.Decide(Api, method, path, "/ops/pipeline");
        Assert.Equal((RouteMatchKind.WrongMethod, allowed), (match.Kind, string.Join(", ", match.Allowed!)));
    }

    [Theory]
    // A prefix that isn't the configured one, of one segment or more.
    [InlineData("POST", "/alertmanager/api/v2/alerts", RouteMatchKind.UnknownPrefix, "/alertmanager")]
    [InlineData("POST", "/a/b/api/alerts/alertmanager", RouteMatchKind.UnknownPrefix, "/a/b")]
    [InlineData("POST", "/ops/api/v1/alerts", RouteMatchKind.UnknownPrefix, "/ops")]
    // Twice the path base.
    [InlineData("POST", "/ops/pipeline/ops/pipeline/api/v1/alerts", RouteMatchKind.UnknownPrefix, "/ops/pipeline/ops/pipeline")]
    // Nothing like a route; the base alone; part of it; more than it.
    [InlineData("GET", "/", RouteMatchKind.Unknown, null)]
    [InlineData("GET", "", RouteMatchKind.Unknown, null)]
    [InlineData("GET", "/ops/pipeline", RouteMatchKind.Unknown, null)]
    [InlineData("POST", "/api/v3/alerts", RouteMatchKind.Unknown, null)]
    [InlineData("POST", "/api/v2", RouteMatchKind.Unknown, null)]
    [InlineData("POST", "/api/v2/alerts/groups", RouteMatchKind.Unknown, null)]
    [InlineData("GET", "/wp-login.php", RouteMatchKind.Unknown, null)]
    public void D12_A_path_that_is_not_served_is_told_why(string method, string path, RouteMatchKind kind, string? prefix)
    {
        var match = RouteMatch.Decide(Api, method, path, "/ops/pipeline");
        Assert.Equal((kind, prefix), (match.Kind, match.Prefix));
    }

    [Fact]
    public void D12_Thousands_of_segments_cost_no_more_than_reading_them()
    {
        var path = string.Concat(Enumerable.Repeat("/a", 4000));
        RouteMatch.Decide(Api, "GET", path, "/ops/pipeline");

        var before = GC.GetAllocatedBytesForCurrentThread();
        var match = RouteMatch.Decide(Api, "GET", path, "/ops/pipeline");

        Assert.Equal(RouteMatchKind.Unknown, match.Kind);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal(
            string.Concat(Enumerable.Repeat("/a", 3998)),
            RouteMatch.Decide(Api, "GET", $"{string.Concat(Enumerable.Repeat("/a", 3998))}/api/health", "").Prefix);
    }
}
