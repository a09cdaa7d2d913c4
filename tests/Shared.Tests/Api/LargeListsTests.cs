using System.Net;
using System.Text;
using System.Text.Json;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

/// <summary>Lists of what can be large: an answer stays small, whatever lies in the store.</summary>
public sealed class LargeListsTests : IAsyncLifetime
{
    /// <summary>Of an annotation; an alert has 240 KB at most.</summary>
    private const int LargeText = 235_000;

    private IncidentApi api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => api = await IncidentApi.StartAsync();

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task R3_A_list_of_incidents_carries_no_alerts_and_is_as_small_as_their_heads()
    {
        for (var incident = 0; incident < 40; incident++)
        {
            await OpenWithAlertsAsync(alerts: 3);
        }

        using var answer = await api.Client.GetAsync(new Uri("api/incidents?limit=200", UriKind.Relative), Token);
        var text = await answer.Content.ReadAsStringAsync(Token);

        Assert.InRange(text.Length, 1, 40 * 1024);
        Assert.DoesNotContain("annotations", text, StringComparison.Ordinal);
        Assert.Equal(40, Items(JsonDocument.Parse(text).RootElement).Count);
        Assert.DoesNotContain(IncidentKeys.AlertPrefix, api.Table.QueriedFrom);
    }

    [Fact]
    public async Task R3_One_incident_shows_as_many_alerts_as_come_to_a_MiB_and_counts_them_all()
    {
        await OpenWithAlertsAsync(alerts: 60);

        using var answer = await api.Client.GetAsync(new Uri("api/incidents/INC-1", UriKind.Relative), Token);
        var text = await answer.Content.ReadAsStringAsync(Token);

        Assert.InRange(text.Length, LargeText, 3 * IncidentViews.MaxCharacters / 2);
        var incident = JsonDocument.Parse(text).RootElement;
        Assert.InRange(incident.GetProperty("alerts").GetArrayLength(), 1, 5);
        Assert.Equal(60, incident.GetProperty("totalAlerts").GetInt32());
    }

    [Fact]
    public async Task R3_A_timeline_of_long_updates_ends_its_page_early_and_the_next_goes_on_where_it_ended()
    {
        await api.Desk.OpenAsync(Severity.Sev2);
        for (var update = 0; update < 100; update++)
        {
            await api.Desk.PostUpdateAsync(new string('x', 20_000));
        }

        var numbers = new List<int>();
        string? cursor = null;
        var pages = 0;
        do
        {
            var text = await api.Client.GetStringAsync(new Uri($"api/incidents/INC-1/timeline?limit=1000{(cursor is null ? "" : $"&cursor={cursor}")}", UriKind.Relative), Token);
            Assert.InRange(text.Length, 1, ListAnswer.MaxBytes + 25_000);
            var page = JsonDocument.Parse(text).RootElement;
            numbers.AddRange(Items(page).Select(entry => entry.GetProperty("number").GetInt32()));
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
            pages++;
        }
        while (cursor is not null);

        Assert.True(pages > 1);
        Assert.True(numbers.Count >= 101);
        Assert.Equal(Enumerable.Range(0, numbers.Count), numbers);
    }

    [Fact]
    public async Task R3_A_list_of_dead_letters_shows_the_beginning_of_large_ones()
    {
        using var queue = new InMemoryMessageQueue("alerts", api.Desk.Clock);
        var small = new QueueMessage("s", "small", "{\"a\":1}"u8.ToArray());
        var large = new QueueMessage("s", "large", Encoding.UTF8.GetBytes($"\"{new string('x', 200_000)}\""));
        await queue.SendAsync([small, large], Token);
        await using (var lease = await queue.TryReceiveAsync(10, Token))
        {
            await lease!.SettleAsync([.. lease.Messages.Select(message => new Settlement.GiveUp(message.Sequence, "a test"))], Token);
        }

        using var log = new LogRecorder();
        await using var app = await LoopbackKestrel.StartAsync(
            new AccessConfiguration(), new DeadLetterEndpoints(new Dictionary<string, IMessageQueue>(StringComparer.Ordinal) { ["alerts"] = queue }).All, log);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var letters = Items(JsonDocument.Parse(await client.GetStringAsync(new Uri("api/dead-letters/alerts", UriKind.Relative), Token)).RootElement);

        Assert.Equal(1, letters[0].GetProperty("body").GetProperty("a").GetInt32());
        Assert.Equal(7, letters[0].GetProperty("bodyBytes").GetInt32());
        Assert.Equal(DeadLetterEndpoints.MaxBody + 1, letters[1].GetProperty("body").GetString()!.Length);
        Assert.Equal(200_002, letters[1].GetProperty("bodyBytes").GetInt32());
    }

    [Fact]
    public async Task R3_A_list_of_orchestrations_leaves_out_what_went_in_and_one_alone_shows_it()
    {
        await api.Desk.OpenAsync(Severity.Sev2);

        var (_, list) = await api.GetAsync("api/orchestrations");
        var (_, one) = await api.GetAsync("api/orchestrations/escalation-INC-1");

        Assert.Equal(JsonValueKind.Null, Items(list)[0].GetProperty("input").ValueKind);
        Assert.Equal("INC-1", one.GetProperty("input").GetProperty("incidentId").GetString());
    }

    [Fact]
    public async Task R3_A_list_is_cut_where_its_limit_is_and_says_whether_more_follows()
    {
        Assert.Equal("""{"items":[]}""", await ListAsync([], limit: 2));
        Assert.Equal("""{"items":["a","b"]}""", await ListAsync(["a", "b"], limit: 2));
        Assert.Equal("""{"items":["a","b"],"nextCursor":"after b"}""", await ListAsync(["a", "b", "c"], limit: 2));
        Assert.Equal("""{"items":["a"],"nextCursor":"later"}""", await ListAsync(["a"], limit: 2, behind: "later"));

        // One item beyond the budget is a page all the same.
        var huge = new string('x', 2 * ListAnswer.MaxBytes);
        Assert.EndsWith("\"],\"nextCursor\":\"after x\"}", await ListAsync([huge, "b"], limit: 2, shorten: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R3_A_store_that_goes_away_in_the_middle_breaks_the_connection_and_before_it_is_503()
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => ListAsync([new string('x', 100_000), new string('y', 100_000), null], limit: 10));
        Assert.StartsWith("503", await ListAsync([null], limit: 10), StringComparison.Ordinal);
    }

    private static List<JsonElement> Items(JsonElement list) => [.. list.GetProperty("items").EnumerateArray()];

    /// <summary>The answer of an endpoint that lists these; a null is a store that is away by then.</summary>
    private static async Task<string> ListAsync(IReadOnlyList<string?> items, int limit, string? behind = null, bool shorten = false)
    {
        using var log = new LogRecorder();
        await using var app = await LoopbackKestrel.StartAsync(
            new AccessConfiguration(),
            [new ApiEndpoint(Routes.ListIncidents, context => ListAnswer.WriteAsync(context, ReadAsync(items), limit, behind))],
            log);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var answer = await client.GetAsync(new Uri("api/incidents", UriKind.Relative), Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return answer.StatusCode == HttpStatusCode.OK ? text : $"{(int)answer.StatusCode} {text}";

        async IAsyncEnumerable<(string Item, string Cursor)> ReadAsync(IReadOnlyList<string?> read)
        {
            foreach (var item in read)
            {
                await Task.Yield();
                yield return item is null
                    ? throw new StoreUnavailableException("the test said so")
                    : (item, $"after {(shorten ? item[..1] : item)}");
            }
        }
    }

    private async Task OpenWithAlertsAsync(int alerts)
    {
        await api.Desk.OpenAsync(Severity.Sev3);
        await api.Desk.ChangeAsync(change =>
        {
            change.Head = change.Head with { TotalAlerts = alerts, FiringAlerts = alerts };
            return CommandRefusal.None;
        });
        for (var alert = 0; alert < alerts; alert++)
        {
            var stored = new IncidentAlert
            {
                Fingerprint = $"{alert:x16}",
                Status = IncidentAlertStatus.Firing,
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = "A" },
                Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["description"] = new string('x', LargeText) },
                StartsAt = api.Desk.Clock.GetUtcNow(),
                Count = 1,
                LastSeenAt = api.Desk.Clock.GetUtcNow(),
                Severity = Severity.Sev3,
                LastSequence = alert,
            };
            await api.Desk.Table.CommitAsync(
                IncidentKeys.Partition(api.Desk.Id), [new EntityWrite.Upsert(IncidentKeys.Alert(stored.Fingerprint), PipelineJson.ToUtf8(stored))], Token);
        }
    }
}
