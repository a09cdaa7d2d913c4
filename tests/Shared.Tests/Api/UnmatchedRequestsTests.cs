using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class UnmatchedRequestsTests : IDisposable
{
    private readonly LogRecorder log = new();
    private readonly ManualTimeProvider clock = new();
    private readonly UnmatchedRequests unmatched;

    public UnmatchedRequestsTests() =>
        unmatched = new UnmatchedRequests(new ServerConfiguration { PathBase = "/pipeline" }, clock, log.For<UnmatchedRequests>());

    public void Dispose() => log.Dispose();

    [Fact]
    public async Task D12_A_request_below_the_path_base_has_its_endpoint_and_values()
    {
        var context = Context("GET", "/pipeline/api/incidents/INC-7");
        context.Request.RouteValues["path"] = "of the catch-all";

        var endpoint = await unmatched.FindAsync(context, [Endpoint(Routes.Health), Endpoint(Routes.GetIncident)]);

        Assert.Equal(Routes.GetIncident, endpoint?.Route);
        Assert.Equal("id=INC-7", string.Join(' ', context.Request.RouteValues.Select(value => $"{value.Key}={value.Value}")));
    }

    [Fact]
    public async Task D12_A_sender_at_the_wrong_door_is_told_and_logged_once_a_minute()
    {
        for (var i = 0; i < 3; i++)
        {
            var problem = await RefusedAsync("POST", "/alertmanager/api/v2/alerts", StatusCodes.Status404NotFound);
            Assert.Equal(
                "Nothing is served at /alertmanager/api/v2/alerts. "
                    + "Send to the path without /alertmanager, or set server.path_base to /alertmanager.",
                problem);
        }

        await RefusedAsync("GET", "/api/v2/alerts", StatusCodes.Status405MethodNotAllowed);
        clock.Advance(TimeSpan.FromMinutes(1));
        await RefusedAsync("POST", "/elsewhere", StatusCodes.Status404NotFound);

        Assert.Equal(3, log.Entries.Count);
        Assert.All(log.Entries, entry => Assert.Equal((155, LogLevel.Warning), entry.Kind));
        Assert.StartsWith("POST /alertmanager/api/v2/alerts was answered 404: Nothing is served", log.Entries.First().Text, StringComparison.Ordinal);
        Assert.EndsWith("2 more of this method and status since the last such line.", log.Entries.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D12_A_hostile_path_stays_on_one_line_of_bounded_length()
    {
        await RefusedAsync("G\u001b[31m", "/a\nb\u202e" + new string('x', 10_000), StatusCodes.Status404NotFound);

        var text = Assert.Single(log.Entries).Text;
        Assert.True(text.Length < 1000 && !text.Any(character => char.IsControl(character) || character == '\u202e'), text);
    }

    [Fact]
    public async Task D13_Another_method_is_a_405_that_allows_what_there_is()
    {
        var context = Context("PUT", "/api/v2/alerts");

        Assert.Null(await unmatched.FindAsync(context, [Endpoint(Routes.PostAlertsV2)]));

        Assert.Equal("POST", context.Response.Headers.Allow);
        Assert.Equal("/api/v2/alerts serves POST, not PUT.", Detail(context));
    }

    private async Task<string> RefusedAsync(string method, string path, int status)
    {
        var context = Context(method, path);
        Assert.Null(await unmatched.FindAsync(context, [Endpoint(Routes.Health), Endpoint(Routes.PostAlertsV2)]));
        Assert.Equal((status, Problem.ContentType), (context.Response.StatusCode, context.Response.ContentType));
        return Detail(context);
    }

    private static string Detail(HttpContext context)
    {
        context.Response.Body.Position = 0;
        return JsonSerializer.Deserialize<JsonElement>(context.Response.Body).GetProperty("detail").GetString()!;
    }

    private static ApiEndpoint Endpoint(ApiRoute route) => new(route, _ => Task.CompletedTask);

    private static DefaultHttpContext Context(string method, string path)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Response.Body = new MemoryStream();
        return context;
    }
}
