using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Pipeline.Api;
using Pipeline.Runtime;
using Pipeline.Shared.Tests.Notifications;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class HealthEndpointTests : IAsyncLifetime
{
    private readonly ManualTimeProvider clock = new();
    private readonly FailingTable table = new(new InMemoryEntityTable());
    private readonly Part alerts = new("alerts");
    private readonly Part database = new("store");
    private readonly IntakeRoom room = new(1024 * 1024);
    private readonly LogRecorder log = new();
    private WebApplication app = null!;
    private HttpClient client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = await LoopbackKestrel.StartAsync(
            new(), new HealthEndpoint(table, [alerts, database], room, clock, log.For<HealthEndpoint>()).All, log);
        client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
        log.Dispose();
    }

    [Fact]
    public async Task Dash3_Ready_means_that_an_alert_would_be_accepted()
    {
        var health = await GetAsync(HttpStatusCode.OK);

        Assert.Equal(("ready", "writable", "reachable"), (Text(health, "status"), Text(health, "store"), Text(health.GetProperty("queues"), "alerts")));
        Assert.Equal(["alerts"], health.GetProperty("queues").EnumerateObject().Select(queue => queue.Name));
    }

    [Fact]
    public async Task Dash3_What_is_away_is_named_and_the_fault_s_detail_is_in_the_log_only()
    {
        alerts.Fault = new StoreUnavailableException("the namespace's secret name");

        var health = await GetAsync(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(("unavailable", "writable", "unreachable"), (Text(health, "status"), Text(health, "store"), Text(health.GetProperty("queues"), "alerts")));
        Assert.DoesNotContain("secret", health.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(log.Entries, entry => entry.Text.StartsWith("alerts can't be reached", StringComparison.Ordinal));

        alerts.Fault = null;
        clock.Advance(HealthChecks.FreshFor);
        table.FailWrites = 1;
        health = await GetAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(("unwritable", "reachable"), (Text(health, "store"), Text(health.GetProperty("queues"), "alerts")));
    }

    [Fact]
    public async Task Dash3_A_thousand_probes_are_one_write_every_two_seconds()
    {
        alerts.Gate = new TaskCompletionSource();
        var probes = Enumerable.Range(0, 50).Select(_ => GetAsync(HttpStatusCode.OK)).ToList();
        while (alerts.Calls == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }

        alerts.Gate.SetResult();
        await Task.WhenAll(probes);
        clock.Advance(HealthChecks.FreshFor - TimeSpan.FromMilliseconds(1));
        await GetAsync(HttpStatusCode.OK);
        Assert.Equal(1, alerts.Calls);

        clock.Advance(TimeSpan.FromMilliseconds(1));
        await GetAsync(HttpStatusCode.OK);
        Assert.Equal(2, alerts.Calls);
    }

    [Fact]
    public async Task Dash3_A_part_that_does_not_answer_is_given_5_s_and_is_not_asked_again_beside_itself()
    {
        alerts.Gate = new TaskCompletionSource();
        for (var probe = 0; probe < 3; probe++)
        {
            var asked = GetAsync(HttpStatusCode.ServiceUnavailable);
            while (!asked.IsCompleted)
            {
                clock.Advance(HealthChecks.Patience);
                await Task.WhenAny(asked, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
            }

            Assert.Equal("silent", Text((await asked).GetProperty("queues"), "alerts"));
        }

        Assert.Equal(1, alerts.Calls);
        alerts.Gate.SetResult();
        clock.Advance(HealthChecks.FreshFor);
        Assert.Equal("ready", Text(await GetAsync(HttpStatusCode.OK), "status"));
    }

    [Fact]
    public async Task R7_A_store_that_is_damaged_is_corrupt_though_it_can_be_written()
    {
        database.Fault = new StoreUnavailableException("damaged") { IsCorrupt = true };

        var health = await GetAsync(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(("corrupt", "corrupt"), (Text(health, "status"), Text(health, "store")));
    }

    [Fact]
    public async Task R4_No_room_for_bodies_is_overload_at_once_and_over_at_once()
    {
        await GetAsync(HttpStatusCode.OK);
        for (var taken = 0; taken < 16; taken++)
        {
            Assert.True(room.TryGrow(0, IntakeRoom.SmallBytes));
        }

        var health = await GetAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("overloaded", Text(health, "status"));
        Assert.Equal((1024 * 1024, 1024 * 1024), (health.GetProperty("intake").GetProperty("bytesInHand").GetInt32(), health.GetProperty("intake").GetProperty("maxBytesInHand").GetInt32()));

        room.GiveBack(IntakeRoom.SmallBytes);
        await GetAsync(HttpStatusCode.OK);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private async Task<JsonElement> GetAsync(HttpStatusCode expected)
    {
        using var answer = await client.GetAsync(new Uri("api/health", UriKind.Relative), Token);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private sealed class Part(string name) : IReadiness
    {
        private int calls;

        public string Name => name;

        public int Calls => Volatile.Read(ref calls);

        public Exception? Fault { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        public async Task CheckAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls);
            await (Gate?.Task ?? Task.CompletedTask);
            if (Fault is not null)
            {
                throw Fault;
            }
        }
    }
}
