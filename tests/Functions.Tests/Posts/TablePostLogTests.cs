using System.Text;
using Azure.Messaging.ServiceBus;
using Pipeline.Alerts;
using Pipeline.Functions.Posts;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Functions.Tests.Posts;

public sealed class TablePostLogTests : IAsyncLifetime
{
    private readonly ManualTimeProvider clock = new();
    private readonly InMemoryEntityTable table = new();
    private readonly LogRecorder log = new();
    private readonly LoopbackBroker broker;
    private readonly ServiceBusClient client;
    private readonly TablePostLog posts;

    public TablePostLogTests()
    {
        broker = new LoopbackBroker(clock);
        client = new ServiceBusClient(broker.ConnectionString, ServiceBusConnection.Options());
        var queue = new ServiceBusMessageQueue("alerts", client.CreateSender("alerts"), client.CreateReceiver("alerts"), TimeProvider.System);
        var messages = new PostMessages(
            AlertSources.Default, _ => "session", new MendingLog(clock, log.For<MendingLog>()), log.For<PostMessages>());
        posts = new TablePostLog(table, messages, queue);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await broker.DisposeAsync();
        log.Dispose();
    }

    [Fact]
    public async Task A_post_is_archived_and_its_alerts_are_in_the_queue_when_it_returns()
    {
        var id = await AppendAsync(TwoAlerts);
        Assert.Equal([$"{id}-0", $"{id}-1"], (await broker.MessagesAsync()).Select(message => message.MessageId));
        var stored = await posts.GetAsync(id, Stop);
        Assert.Equal((id, TwoAlerts, "prometheus", true), (stored!.Id, Text(stored), stored.Post.Source, stored.IsSplit));
    }

    [Fact]
    public async Task A_rejected_post_is_kept_to_64_KiB_and_sends_nothing()
    {
        var id = await posts.AppendAsync(new ReceivedPost("prometheus", new byte[100_000], clock.GetUtcNow(), "who", "no JSON"), Stop);
        Assert.Empty(await broker.MessagesAsync());
        var stored = await posts.GetAsync(id, Stop);
        Assert.Equal((64 * 1024, "no JSON", "who", false), (stored!.Post.Body.Length, stored.Post.RejectedBecause, stored.Post.Caller, stored.IsSplit));
    }

    [Theory]
    // One byte less than a row, a row, one more; and several batches of rows.
    [InlineData(PostChunks.BytesInRow - 1)]
    [InlineData(PostChunks.BytesInRow)]
    [InlineData(PostChunks.BytesInRow + 1)]
    [InlineData((PostChunks.BytesInRow * PostChunks.RowsInBatch * 2) + 17)]
    public async Task A_body_of_any_size_comes_back_as_it_was(int bytes)
    {
        var body = TwoAlerts.PadRight(bytes);
        var id = await AppendAsync(body);
        Assert.Equal(body, Text((await posts.GetAsync(id, Stop))!));
    }

    [Fact]
    public async Task A_queue_that_fails_fails_the_post()
    {
        broker.Faults.Next(FaultPoint.Send, new Fault(FaultKind.Refusal, "com.microsoft:entity-disabled"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => AppendAsync(TwoAlerts));
        Assert.Empty(await broker.MessagesAsync());

        // The sender sends again.
        await AppendAsync(TwoAlerts);
        Assert.Equal(2, (await broker.MessagesAsync()).Count);
    }

    [Fact]
    public async Task A_post_that_can_not_be_split_is_not_accepted()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await posts.AppendAsync(new ReceivedPost("unknown", "[]"u8.ToArray(), clock.GetUtcNow()), Stop));
        Assert.Single(await posts.ListAsync(10, null, Stop));
    }

    [Fact]
    public async Task Posts_are_listed_newest_first_over_days_and_in_pages()
    {
        var ids = new List<long>();
        for (var day = 0; day < 3; day++)
        {
            for (var number = 0; number < 4; number++)
            {
                ids.Add(await AppendAsync(TwoAlerts));
                clock.Advance(TimeSpan.FromMinutes(1));
            }

            clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(ids.Order(), ids);
        ids.Reverse();
        var listed = new List<long>();
        long? before = null;
        while (await posts.ListAsync(5, before, Stop) is { Count: > 0 } page)
        {
            listed.AddRange(page.Select(post => post.Id));
            before = page[^1].Id;
        }

        Assert.Equal(ids, listed);
    }

    [Fact]
    public async Task Whole_days_are_purged_once_they_are_over()
    {
        var old = await AppendAsync(TwoAlerts);
        clock.Advance(TimeSpan.FromDays(1));
        var kept = await AppendAsync(TwoAlerts);
        Assert.Equal(1, await posts.PurgeAsync(clock.GetUtcNow(), Stop));
        Assert.Equal(0, await posts.PurgeAsync(clock.GetUtcNow(), Stop));
        Assert.Null(await posts.GetAsync(old, Stop));
        Assert.Equal([kept], (await posts.ListAsync(10, null, Stop)).Select(post => post.Id));
    }

    [Fact]
    public async Task What_is_not_there_is_null()
    {
        Assert.Null(await posts.GetAsync(42, Stop));
        Assert.Empty(await posts.ListAsync(10, null, Stop));
    }

    private const string TwoAlerts = """[{"labels":{"alertname":"A"}},{"labels":{"alertname":"B"}}]""";

    private async Task<long> AppendAsync(string body) =>
        await posts.AppendAsync(new ReceivedPost("prometheus", Encoding.UTF8.GetBytes(body), clock.GetUtcNow()), Stop);

    private static string Text(StoredPost post) => Encoding.UTF8.GetString(post.Post.Body.Span);
}
