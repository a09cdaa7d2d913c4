using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Hosts;

/// <summary>What every host answers, route by route. A token is named as its role.</summary>
public abstract class HttpApiContract : IAsyncLifetime
{
    private HostUnderTest host = null!;

    public static IEnumerable<ApiRoute> AllRoutes => typeof(Routes).GetProperties().Select(property => property.GetValue(null)).OfType<ApiRoute>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static PipelineConfiguration Configuration => PipelineConfiguration.BuiltIn with
    {
        Server = new ServerConfiguration { PathBase = "/ops/pipeline" },
        Access = new AccessConfiguration
        {
            Tokens = [.. Enum.GetValues<AccessRole>().Select(role => new AccessToken(role.ToString(), role, HashOf(role)))],
        },
    };

    public async ValueTask InitializeAsync()
    {
        host = await StartAsync(Configuration, new ManualTimeProvider());
        await host.DrainAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await host.DisposeAsync();
    }

    protected abstract Task<HostUnderTest> StartAsync(PipelineConfiguration configuration, ManualTimeProvider clock);

    [Fact]
    public async Task Every_route_asks_for_its_role_and_health_for_none()
    {
        foreach (var route in AllRoutes)
        {
            Assert.Equal(route.Role is null ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, (await SendAsync(route, null)).Status);
            foreach (var role in Enum.GetValues<AccessRole>())
            {
                var (status, _) = await SendAsync(route, role);
                var may = route.Role is not { } needed || Access.Suffices(role, needed);
                Assert.True(may == (status != HttpStatusCode.Forbidden), $"{route.Name} as {role}: {status}");
                Assert.True(status is not (HttpStatusCode.MethodNotAllowed or HttpStatusCode.InternalServerError), $"{route.Name} as {role}: {status}");
            }
        }
    }

    [Fact]
    public async Task R15_Every_answer_forbids_guessing_its_type_and_keeping_it()
    {
        foreach (var route in AllRoutes)
        {
            foreach (AccessRole? role in new AccessRole?[] { null, AccessRole.Ingest, AccessRole.Admin })
            {
                using var answer = await AnswerAsync(route, role);
                Assert.Equal(("nosniff", "no-store"), (answer.Headers.GetValues("X-Content-Type-Options").Single(), answer.Headers.CacheControl?.ToString()));
            }
        }
    }

    [Fact]
    public async Task An_alert_by_either_path_becomes_an_incident_that_goes_through_its_life()
    {
        Assert.Equal("writable", (await GetAsync("api/health")).GetProperty("store").GetString());
        await PostAsync(HttpStatusCode.OK, AccessRole.Ingest, "api/v2/alerts", new[] { new { labels = new { alertname = "Down", service = "shop", severity = "critical" } } });
        await PostAsync(HttpStatusCode.Accepted, AccessRole.Ingest, "api/alerts/alertmanager", new
        {
            version = "4",
            alerts = new[] { new { status = "firing", labels = new { alertname = "Slow", service = "shop", severity = "warning" }, startsAt = host.Clock.GetUtcNow() } },
        });
        var malformed = await PostAsync(HttpStatusCode.BadRequest, AccessRole.Ingest, "api/v2/alerts", "[{");
        Assert.Equal("Malformed JSON", malformed.GetProperty("title").GetString());

        Assert.Equal("INC-1", Assert.Single(Items(await GetAsync("api/incidents?status=open"))).GetProperty("id").GetString());
        Assert.Equal(2, (await GetAsync("api/incidents/INC-1")).GetProperty("alerts").GetArrayLength());

        await CommandAsync("acknowledge", new { by = "alice" });
        await CommandAsync("severity", new { severity = "SEV-2", reason = "half of them", by = "alice" });
        await CommandAsync("updates", new { text = "Rolling back.", by = "alice" });
        await CommandAsync("stage", new { stage = "monitoring", by = "alice" });
        var resolved = await CommandAsync("resolve", new { note = "rolled back", force = true, by = "alice" });
        Assert.Equal(("resolved", "alice"), (resolved.GetProperty("stage").GetString(), resolved.GetProperty("resolvedBy").GetString()));
        Assert.Contains("Acknowledged by alice.", Items(await GetAsync("api/incidents/INC-1/timeline")).Select(entry => entry.GetProperty("text").GetString()));
        Assert.NotEmpty(Items(await GetAsync("api/incidents/INC-1/deliveries")));
        var unwritten = await SendAsync(HttpMethod.Get, AccessRole.Viewer, "api/incidents/INC-1/postmortem", null);
        Assert.Equal(HttpStatusCode.NotFound, unwritten.Status);
        host.Clock.Advance(TimeSpan.FromHours(25));
        await host.DrainAsync();
        Assert.Equal("INC-1", (await GetAsync("api/incidents/INC-1/postmortem")).GetProperty("incidentId").GetString());
    }

    [Fact]
    public async Task Orchestrations_are_listed_shown_told_and_ended()
    {
        await PostAsync(HttpStatusCode.OK, AccessRole.Ingest, "api/v2/alerts", new[] { new { labels = new { alertname = "Down", service = "shop", severity = "critical" } } });

        var listed = Items(await GetAsync("api/orchestrations?name=escalation"));
        Assert.Equal(("escalation-INC-1", "Running"), (listed[0].GetProperty("instanceId").GetString(), listed[0].GetProperty("runtimeStatus").GetString()));
        Assert.Equal("cadence-INC-1", Items(await GetAsync("api/orchestrations?limit=1"))[0].GetProperty("instanceId").GetString());
        var shown = await GetAsync("api/orchestrations/escalation-INC-1");
        Assert.Equal("INC-1", shown.GetProperty("input").GetProperty("incidentId").GetString());

        await PostAsync(HttpStatusCode.Accepted, AccessRole.Admin, "api/orchestrations/cadence-INC-1/raise-event/nothing", new { });
        await PostAsync(HttpStatusCode.Accepted, AccessRole.Admin, "api/orchestrations/escalation-INC-1/terminate", new { reason = "a test" });
        Assert.Equal("Terminated", (await GetAsync("api/orchestrations/escalation-INC-1")).GetProperty("runtimeStatus").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, AccessRole.Viewer, "api/orchestrations/none", null)).Status);
    }

    [Fact]
    public async Task Reports_and_dead_letters_are_listed_and_what_is_not_there_is_not_found()
    {
        host.Clock.Advance(TimeSpan.FromDays(8));
        await host.DrainAsync();
        var report = Assert.Single(Items(await GetAsync("api/reports"))).GetProperty("id").GetString();
        Assert.Equal(report, (await GetAsync($"api/reports/{report}")).GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, AccessRole.Viewer, "api/reports/weekly-1999-01-04", null)).Status);

        Assert.Empty(Items(await GetAsync("api/dead-letters/notifications")));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, AccessRole.Viewer, "api/dead-letters/others", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Post, AccessRole.Admin, "api/dead-letters/alerts/7/retry", null)).Status);
    }

    [Theory]
    // Version 1 of the API took the same array; and each route below the path base.
    [InlineData("api/v1/alerts")]
    [InlineData("ops/pipeline/api/v1/alerts")]
    [InlineData("ops/pipeline/api/v2/alerts")]
    public async Task D12_Alerts_are_taken_by_version_1_and_below_the_path_base(string path)
    {
        var answer = await PostAsync(HttpStatusCode.OK, AccessRole.Ingest, path, new[] { new { labels = new { alertname = "Down" } } });
        Assert.Equal(1, answer.GetProperty("accepted").GetInt32());
        Assert.Equal("INC-1", (await GetAsync("ops/pipeline/api/incidents/INC-1")).GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Post, null, path, "[]")).Status);
    }

    [Theory]
    [InlineData("POST", "alertmanager/api/v2/alerts", 404, "set server.path_base to /alertmanager")]
    [InlineData("GET", "", 404, "Nothing is served at /.")]
    [InlineData("GET", "api/v2/alerts", 405, "/api/v2/alerts serves POST, not GET.")]
    [InlineData("DELETE", "ops/pipeline/api/health", 405, "serves GET, HEAD, not DELETE.")]
    public async Task D13_What_is_not_served_is_a_problem_that_says_so(string method, string path, int status, string detail)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using var answer = await host.Client.SendAsync(request, Stop);
        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains(detail, (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(status == 405, answer.Content.Headers.Allow.Count > 0);
    }

    [Theory]
    [InlineData("api/incidents/a%2Fb", "'a/b'")]
    [InlineData("api/incidents/a%2fb", "'a/b'")]
    [InlineData("api/orchestrations/a%2Fb%20c", "'a/b c'")]
    public async Task Z12_An_encoded_slash_belongs_to_the_id(string path, string id)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, AccessRole.Viewer, path, null);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains(id, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D13_HEAD_is_GET_without_a_body()
    {
        await PostAsync(HttpStatusCode.OK, AccessRole.Ingest, "api/v2/alerts", new[] { new { labels = new { alertname = "Down", severity = "critical" } } });
        foreach (var path in AllRoutes.Where(route => route.Method == "GET").Select(route => Path(route, "INC-1")))
        {
            using var get = await AnswerAsync(HttpMethod.Get, AccessRole.Viewer, path, null);
            using var head = await AnswerAsync(HttpMethod.Head, AccessRole.Viewer, path, null);
            Assert.Equal((path, get.StatusCode, get.Content.Headers.ContentType), (path, head.StatusCode, head.Content.Headers.ContentType));
            Assert.NotEmpty(await get.Content.ReadAsByteArrayAsync(Stop));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Stop));
        }
    }

    [Theory]
    // The token as the password of whatever user, and none at all.
    [InlineData("alertmanager", "Ingest", HttpStatusCode.OK)]
    [InlineData("", "Admin", HttpStatusCode.OK)]
    [InlineData("Ingest", "", HttpStatusCode.Unauthorized)]
    [InlineData("alertmanager", "Viewer", HttpStatusCode.Forbidden)]
    public async Task D25_A_token_is_taken_as_the_password_of_basic_authentication(string user, string password, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/v2/alerts", UriKind.Relative));
        request.Content = new StringContent("[]", mediaType: new("application/json"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        using var answer = await host.Client.SendAsync(request, Stop);
        Assert.Equal(expected, answer.StatusCode);
    }

    private static List<JsonElement> Items(JsonElement list) => [.. list.GetProperty("items").EnumerateArray()];

    private static string HashOf(AccessRole role) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(role.ToString())));

    private async Task<JsonElement> GetAsync(string path)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, AccessRole.Viewer, path, null);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status}");
        return body;
    }

    private Task<JsonElement> CommandAsync(string command, object body) => PostAsync(HttpStatusCode.OK, AccessRole.Responder, $"api/incidents/INC-1/{command}", body);

    private async Task<JsonElement> PostAsync(HttpStatusCode expected, AccessRole role, string path, object body)
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, role, path, body);
        Assert.True(status == expected, $"{path}: {status} {answer}");
        await host.DrainAsync();
        return answer;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(ApiRoute route, AccessRole? role)
    {
        using var answer = await AnswerAsync(route, role);
        return await ReadAsync(answer);
    }

    private Task<HttpResponseMessage> AnswerAsync(ApiRoute route, AccessRole? role)
    {
        return AnswerAsync(new HttpMethod(route.Method), role, Path(route, "none"), route.Method == "POST" ? "{}" : null);
    }

    private static string Path(ApiRoute route, string id) => route.Template
        .Replace("{id}", id, StringComparison.Ordinal).Replace("{name}", "none", StringComparison.Ordinal)
        .Replace("{queue}", "alerts", StringComparison.Ordinal).Replace("{sequence}", "1", StringComparison.Ordinal);

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, AccessRole? role, string path, object? body)
    {
        using var answer = await AnswerAsync(method, role, path, body);
        return await ReadAsync(answer);
    }

    /// <param name="body">Sent as JSON; a string is sent as it is.</param>
    private async Task<HttpResponseMessage> AnswerAsync(HttpMethod method, AccessRole? role, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = body switch
        {
            null => null,
            string text => new StringContent(text, mediaType: new("application/json")),
            _ => JsonContent.Create(body, body.GetType()),
        };
        if (role is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", role.ToString());
        }

        return await host.Client.SendAsync(request, Stop);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage answer)
    {
        var content = await answer.Content.ReadAsByteArrayAsync(Stop);
        return (answer.StatusCode, content.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(content));
    }
}
