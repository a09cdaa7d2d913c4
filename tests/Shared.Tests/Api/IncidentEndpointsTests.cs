using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Pipeline.Incidents;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class IncidentEndpointsTests : IAsyncLifetime
{
    private IncidentApi api = null!;

    public async ValueTask InitializeAsync() => api = await IncidentApi.StartAsync();

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task An_incident_goes_through_its_life_by_commands()
    {
        await api.Desk.OpenAsync(Severity.Sev2);

        var (status, incident) = await api.PostAsync("api/incidents/INC-1/acknowledge", new { by = "alice" });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("investigating", "alice", "alice"), (Text(incident, "stage"), Text(incident, "acknowledgedBy"), Text(incident, "commander")));

        (_, incident) = await api.PostAsync("api/incidents/INC-1/severity", new { severity = "SEV-1", reason = "all customers", by = "alice" });
        Assert.Equal(("SEV-1", "all customers"), (Text(incident, "severity"), Text(incident, "severityReason")));

        (_, incident) = await api.PostAsync("api/incidents/INC-1/updates", new { text = " Rolling back. ", stage = "monitoring", by = "alice" });
        Assert.Equal(("monitoring", 1), (Text(incident, "stage"), incident.GetProperty("updateCount").GetInt32()));

        (_, incident) = await api.PostAsync("api/incidents/INC-1/resolve", new { note = "rolled back", by = "alice" });
        Assert.Equal(("resolved", "alice"), (Text(incident, "stage"), Text(incident, "resolvedBy")));

        (_, incident) = await api.PostAsync("api/incidents/INC-1/stage", new { stage = "closed" });
        Assert.Equal("closed", Text(incident, "stage"));

        var (_, timeline) = await api.GetAsync("api/incidents/INC-1/timeline");
        var entries = timeline.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(0, entries.Count), entries.Select(entry => entry.GetProperty("number").GetInt32()));
        Assert.Equal(("updatePosted", "Update #1: Rolling back.", "alice"), entries
            .Where(entry => Text(entry, "kind") == "updatePosted")
            .Select(entry => (Text(entry, "kind"), Text(entry, "text"), Text(entry, "by")))
            .Single());
        Assert.Equal("Closed by local.", Text(entries[^1], "text"));
    }

    [Theory]
    [InlineData("acknowledge", "{}")]
    [InlineData("updates", """{"text":"x"}""")]
    [InlineData("severity", """{"severity":"SEV-1"}""")]
    [InlineData("stage", """{"stage":"closed"}""")]
    [InlineData("resolve", "{}")]
    public async Task A_command_to_no_incident_finds_none(string command, string body)
    {
        foreach (var id in new[] { "INC-99", "INC-x", "..." })
        {
            var (status, problem) = await api.PostAsync($"api/incidents/{id}/{command}", body);
            Assert.Equal((HttpStatusCode.NotFound, $"There is no incident '{id}'."), (status, Text(problem, "detail")));
        }
    }

    [Theory]
    [InlineData("api/incidents/INC-99")]
    [InlineData("api/incidents/INC-99/timeline")]
    [InlineData("api/incidents/x")]
    public async Task What_is_not_there_is_not_found(string path) => Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync(path)).Status);

    [Theory]
    // Text is the update.
    [InlineData("updates", "{}", "'text' holds the update")]
    [InlineData("updates", """{"text":"  "}""", "'text' holds the update")]
    // A severity is asked for, and one that exists.
    [InlineData("severity", "{}", "'severity' is one of")]
    [InlineData("severity", """{"severity":"SEV-9"}""", "SEV-9")]
    // A stage that can be set.
    [InlineData("stage", "{}", "'stage' is one of")]
    [InlineData("stage", """{"stage":"detected"}""", "'stage' is one of")]
    [InlineData("stage", """{"stage":"lost"}""", "not the JSON that this command takes")]
    // Numbers are no names, and nobody goes back to detected.
    [InlineData("severity", """{"severity":1}""", "not the JSON that this command takes")]
    [InlineData("severity", """{"severity":"1"}""", "")]
    [InlineData("stage", """{"stage":3}""", "not the JSON that this command takes")]
    [InlineData("updates", """{"text":"x","stage":"detected"}""", "'stage' is one of")]
    // No JSON, and JSON of another shape.
    [InlineData("resolve", "force", "not the JSON that this command takes")]
    [InlineData("resolve", """{"force":"yes"}""", "not the JSON that this command takes")]
    [InlineData("resolve", "[]", "not the JSON that this command takes")]
    public async Task A_command_that_cannot_be_understood_is_refused_with_what_is_wrong(string command, string body, string detail)
    {
        await api.Desk.OpenAsync(Severity.Sev2);
        var (status, problem) = await api.PostAsync($"api/incidents/INC-1/{command}", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Equal(400, problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task A_command_that_is_not_possible_now_says_why()
    {
        await api.Desk.OpenAsync(Severity.Sev2);
        await api.Desk.ChangeAsync(change =>
        {
            change.Head = change.Head with { FiringAlerts = 2 };
            return CommandRefusal.None;
        });
        await AssertConflictAsync("resolve", "{}", "stillFiring", "detected");
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("api/incidents/INC-1/acknowledge", "{}")).Status);
        await AssertConflictAsync("acknowledge", "{}", "alreadyAcknowledged", "investigating");
        await AssertConflictAsync("stage", """{"stage":"closed"}""", "notResolved", "investigating");
        await AssertConflictAsync("severity", """{"severity":"SEV-2"}""", "noChange", "investigating");
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("api/incidents/INC-1/resolve", """{"force":true}""")).Status);
        await AssertConflictAsync("acknowledge", "{}", "alreadyResolved", "resolved");
    }

    [Fact]
    public async Task A_command_that_comes_again_with_its_key_is_done_once()
    {
        await api.Desk.OpenAsync(Severity.Sev2);
        var first = await api.PostAsync("api/incidents/INC-1/updates", new { text = "Looking." }, "key-1");
        var again = await api.PostAsync("api/incidents/INC-1/updates", new { text = "Looking." }, "key-1");
        Assert.Equal((HttpStatusCode.OK, 1), (again.Status, again.Body.GetProperty("updateCount").GetInt32()));
        Assert.Equal(first.Body.GetRawText(), again.Body.GetRawText());

        var other = await api.PostAsync("api/incidents/INC-1/updates", new { text = "Looking." }, "key-2");
        Assert.Equal(2, other.Body.GetProperty("updateCount").GetInt32());

        // The key is the caller's for one command: another command may use it again.
        Assert.Equal(
            HttpStatusCode.OK, (await api.PostAsync("api/incidents/INC-1/severity", new { severity = "SEV-1", reason = "wider" }, "key-1")).Status);
        Assert.Equal("SEV-1", Text((await api.GetAsync("api/incidents/INC-1")).Body, "severity"));

        // Also where doing it twice would be refused.
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("api/incidents/INC-1/acknowledge", "{}", "key-3")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("api/incidents/INC-1/acknowledge", "{}", "key-3")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.PostAsync("api/incidents/INC-1/acknowledge", "{}", new string('k', 201))).Status);
    }

    [Fact]
    public async Task Incidents_are_listed_newest_first_in_pages()
    {
        for (var number = 0; number < 5; number++)
        {
            await api.Desk.OpenAsync(Severity.Sev3);
        }

        var (_, first) = await api.GetAsync("api/incidents?limit=2");
        Assert.Equal(["INC-5", "INC-4"], Ids(first));
        var (_, second) = await api.GetAsync($"api/incidents?limit=2&cursor={Text(first, "nextCursor")}");
        Assert.Equal(["INC-3", "INC-2"], Ids(second));
        var (_, last) = await api.GetAsync($"api/incidents?limit=2&cursor={Text(second, "nextCursor")}");
        Assert.Equal(["INC-1"], Ids(last));
        Assert.Null(Text(last, "nextCursor"));
    }

    [Fact]
    public async Task Only_the_open_ones_are_listed_where_that_is_asked_for()
    {
        await api.Desk.OpenAsync(Severity.Sev3);
        await api.Desk.ResolveAsync();
        await api.Desk.OpenAsync(Severity.Sev3);
        Assert.Equal(["INC-2"], Ids((await api.GetAsync("api/incidents?status=open")).Body));
        Assert.Equal(["INC-2", "INC-1"], Ids((await api.GetAsync("api/incidents?status=all")).Body));
    }

    [Theory]
    [InlineData("status=closed")]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=many")]
    [InlineData("cursor=x")]
    [InlineData("cursor=-1")]
    public async Task A_query_that_cannot_be_understood_is_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync($"api/incidents?{query}")).Status);

    [Fact]
    public async Task The_timeline_is_paged_too()
    {
        await api.Desk.OpenAsync(Severity.Sev2);
        await api.Desk.AcknowledgeAsync("alice");
        var (_, first) = await api.GetAsync("api/incidents/INC-1/timeline?limit=2");
        Assert.Equal("2", Text(first, "nextCursor"));
        var (_, second) = await api.GetAsync("api/incidents/INC-1/timeline?limit=2&cursor=2");
        Assert.Equal(2, second.GetProperty("items")[0].GetProperty("number").GetInt32());
    }

    [Fact]
    public async Task A_store_that_fails_is_answered_503_and_when_to_try_again()
    {
        await api.Desk.OpenAsync(Severity.Sev2);
        api.Table.FailWrites = 1;
        using var answer = await api.Client.PostAsync(new Uri("api/incidents/INC-1/acknowledge", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter?.Delta);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("api/incidents/INC-1/acknowledge", "{}")).Status);
    }

    [Fact]
    public async Task Orchestrations_have_the_field_names_of_Durable_Functions()
    {
        await api.Desk.OpenAsync(Severity.Sev2);
        var (status, instance) = await api.GetAsync("api/orchestrations/escalation-INC-1");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Superset(
            new HashSet<string> { "instanceId", "name", "runtimeStatus", "input", "output", "customStatus", "createdTime", "lastUpdatedTime" },
            instance.EnumerateObject().Select(property => property.Name).ToHashSet());
        Assert.Equal(("escalation-INC-1", "escalation", "Running"), (Text(instance, "instanceId"), Text(instance, "name"), Text(instance, "runtimeStatus")));
        Assert.Equal(JsonValueKind.Null, instance.GetProperty("output").ValueKind);
        Assert.Equal("primary", Text(instance.GetProperty("customStatus"), "paging"));

        Assert.Single((await api.GetAsync("api/orchestrations?runtimeStatus=Running")).Body.GetProperty("items").EnumerateArray());
        Assert.Empty((await api.GetAsync("api/orchestrations?runtimeStatus=Failed")).Body.GetProperty("items").EnumerateArray());
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync("api/orchestrations?runtimeStatus=7")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("api/orchestrations/escalation-INC-2")).Status);
    }

    [Fact]
    public async Task F2_A_second_acknowledgement_is_told_who_acknowledged_this_round()
    {
        await api.Desk.OpenAsync(Severity.Sev2);
        await api.Desk.AcknowledgeAsync("alice");
        await api.Desk.ResolveAsync();
        await api.Desk.ReopenAsync();
        await api.Desk.AcknowledgeAsync("bob");
        var (status, problem) = await api.PostAsync("api/incidents/INC-1/acknowledge", "{}");
        Assert.Equal((HttpStatusCode.Conflict, "INC-1 was acknowledged by Bob Ito already."), (status, Text(problem, "detail")));
    }

    [Fact]
    public async Task A_call_is_allowed_by_its_token_and_named_by_it()
    {
        await using var guarded = await IncidentApi.StartAsync(AccessTests.Tokens);
        await guarded.Desk.OpenAsync(Severity.Sev2);
        var (status, problem) = await guarded.GetAsync("api/incidents");
        Assert.Equal((HttpStatusCode.Unauthorized, "Not authenticated"), (status, Text(problem, "title")));

        guarded.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "ingest-1");
        (status, problem) = await guarded.GetAsync("api/incidents");
        Assert.Equal((HttpStatusCode.Forbidden, "This call needs the role viewer; the token has another."), (status, Text(problem, "detail")));

        guarded.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "respond-1");
        var (_, incident) = await guarded.PostAsync("api/incidents/INC-1/acknowledge", new { by = "alice" });
        Assert.Equal("alice", Text(incident, "acknowledgedBy"));
    }

    private async Task AssertConflictAsync(string command, string body, string reason, string stage)
    {
        var (status, problem) = await api.PostAsync($"api/incidents/INC-1/{command}", body);
        Assert.Equal((HttpStatusCode.Conflict, reason, stage), (status, Text(problem, "reason"), Text(problem, "stage")));
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static IEnumerable<string> Ids(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!);
}
