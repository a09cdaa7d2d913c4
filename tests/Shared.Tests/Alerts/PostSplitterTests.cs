using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

public sealed class PostSplitterTests : IDisposable
{
    private readonly LogRecorder log = new();
    private readonly ManualTimeProvider time = new(Posts.ReceivedAt);
    private readonly InMemoryMessageQueue queue;
    private readonly InMemoryPostLog posts;

    public PostSplitterTests()
    {
        queue = new InMemoryMessageQueue("alerts", time);
        posts = new InMemoryPostLog(queue);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        posts.Dispose();
        queue.Dispose();
    }

    [Fact]
    public async Task Makes_one_message_an_alert_in_order()
    {
        var first = await AppendAsync("alertmanager", Posts.Sample("alertmanager-firing"));
        var second = await AppendAsync("prometheus", Posts.Utf8($"[{Posts.Named("A")},5,{Posts.Named("B")}]"));

        Assert.Equal(4, await Splitter(_ => "one session").DrainAsync(Cancellation));

        var messages = await ReceiveAsync();
        Assert.Equal([$"{first}-0", $"{first}-1", $"{second}-0", $"{second}-2"], messages.Select(message => message.MessageId));
        Assert.Equal(["HighLatency", "HighLatency", "A", "B"], messages.Select(message => AlertJson.Read(message.Body.Span).Name));
        Assert.Equal("prometheus", AlertJson.Read(messages[^1].Body.Span).Source);
        Assert.Equal(0, await Splitter(_ => "one session").DrainAsync(Cancellation));
        Assert.Empty(log.Entries);
    }

    [Fact]
    public async Task The_session_is_the_alerts()
    {
        await AppendAsync("prometheus", Posts.Utf8($"[{Posts.Named("A")},{Posts.Named("B")}]"));

        await Splitter(alert => "of " + alert.Name).DrainAsync(Cancellation);

        Assert.Equal("of A", Assert.Single(await ReceiveAsync()).SessionId);
        Assert.Equal("of B", Assert.Single(await ReceiveAsync()).SessionId);
    }

    [Fact]
    public async Task An_alert_is_judged_by_when_it_was_received_not_by_when_it_is_split()
    {
        await AppendAsync("prometheus", Posts.Utf8("""[{"labels":{"a":"b"},"endsAt":"2026-11-22T07:13:00Z"}]"""));
        time.Advance(TimeSpan.FromDays(2));

        await Splitter(_ => "session").DrainAsync(Cancellation);

        var alert = AlertJson.Read(Assert.Single(await ReceiveAsync()).Body.Span);
        Assert.Equal((AlertStatus.Firing, Posts.ReceivedAt), (alert.Status, alert.StartsAt));
    }

    [Fact]
    public async Task A_post_that_can_not_be_read_does_not_hold_up_the_others()
    {
        var unknown = await AppendAsync("carrier-pigeon", Posts.Utf8("coo"));
        var unreadable = await AppendAsync("prometheus", Posts.Utf8("[{\"labels\":{\"a\":\"b\"}},"));
        var faulting = await AppendAsync("prometheus", Posts.Utf8($"[{Posts.Named("Good")},{Posts.Named("Bug")}]"));
        await AppendAsync("prometheus", Posts.Utf8($"[{Posts.Named("Next")}]"));

        var sent = await Splitter(alert => alert.Name == "Bug" ? throw new InvalidOperationException("A bug.") : "session").DrainAsync(Cancellation);

        Assert.Equal(1, sent);
        Assert.Equal("Next", AlertJson.Read(Assert.Single(await ReceiveAsync()).Body.Span).Name);
        Assert.Equal([(114, LogLevel.Error), (114, LogLevel.Error), (114, LogLevel.Error)], log.Entries.Select(entry => entry.Kind));
        Assert.All(
            log.Entries.Zip([unknown, unreadable, faulting]),
            pair => Assert.StartsWith($"Post {pair.Second} ", pair.First.Text, StringComparison.Ordinal));
        Assert.Equal("coo"u8.ToArray(), (await posts.GetAsync(unknown, Cancellation))!.Post.Body);
    }

    [Fact]
    public async Task A_storm_is_sent_in_several_transactions()
    {
        var counting = new CountingPostLog(posts);
        for (var post = 0; post < 6; post++)
        {
            await AppendAsync("prometheus", Posts.Utf8($"[{string.Join(',', Enumerable.Range(0, 300).Select(i => Posts.Named($"A{post}x{i}")))}]"));
        }

        Assert.Equal(1800, await Splitter(_ => "session", counting).DrainAsync(Cancellation));

        Assert.Equal([300, 300, 300, 300, 300, 300], counting.Sent);
    }

    [Fact]
    public async Task A_split_that_was_cut_short_is_repeated_with_the_same_messages()
    {
        await AppendAsync("prometheus", Posts.Utf8($"[{Posts.Named("A")}]"));
        var failing = new CountingPostLog(posts) { FailuresLeft = 1 };

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Splitter(_ => "session", failing).DrainAsync(Cancellation));
        await Splitter(_ => "session", failing).DrainAsync(Cancellation);

        Assert.Equal("1-0", Assert.Single(await ReceiveAsync()).MessageId);
    }

    [Fact]
    public async Task Runs_on_after_the_store_failed()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var failing = new CountingPostLog(posts) { FailuresLeft = 2 };
        var running = Splitter(_ => "session", failing).RunAsync(stop.Token);
        await AppendAsync("prometheus", Posts.Utf8($"[{Posts.Named("A")}]"));

        while (failing.Sent.IsEmpty)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            Cancellation.ThrowIfCancellationRequested();
        }

        await stop.CancelAsync();
        await running;
        Assert.Equal([(115, LogLevel.Error), (115, LogLevel.Error)], log.Entries.Select(entry => entry.Kind));
        Assert.Single(await ReceiveAsync());
    }

    private PostSplitter Splitter(Func<Alert, string> sessionOf, IPulledPostLog? log = null) =>
        new(log ?? posts, new PostMessages(AlertSources.Default, sessionOf, new MendingLog(time, this.log.For<MendingLog>()), this.log.For<PostMessages>()), time, this.log.For<PostSplitter>());

    private async Task<long> AppendAsync(string source, byte[] body) =>
        await posts.AppendAsync(new ReceivedPost(source, body, Posts.ReceivedAt), Cancellation);

    private async Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync()
    {
        await using var lease = await queue.TryReceiveAsync(100, Cancellation);
        var messages = lease?.Messages ?? [];
        await (lease?.SettleAsync([.. messages.Select(message => new Settlement.Complete(message.Sequence))], Cancellation) ?? Task.CompletedTask);
        return messages;
    }

    /// <summary>Counts the messages of each transaction, and fails the first ones if asked.</summary>
    private sealed class CountingPostLog(IPulledPostLog inner) : IPulledPostLog
    {
        public ConcurrentQueue<int> Sent { get; } = [];

        public int FailuresLeft { get; set; }

        public ValueTask<long> AppendAsync(ReceivedPost post, CancellationToken cancellationToken = default) => inner.AppendAsync(post, cancellationToken);

        public Task<IReadOnlyList<StoredPost>> ReadUnsplitAsync(int maxPosts, int maxBytes, CancellationToken cancellationToken = default) =>
            inner.ReadUnsplitAsync(maxPosts, maxBytes, cancellationToken);

        public async Task CompleteSplitAsync(IReadOnlyList<long> posts, IReadOnlyList<QueueMessage> alerts, CancellationToken cancellationToken = default)
        {
            if (FailuresLeft > 0)
            {
                FailuresLeft--;
                throw new StoreUnavailableException("The disk is full.");
            }

            await inner.CompleteSplitAsync(posts, alerts, cancellationToken);
            Sent.Enqueue(alerts.Count);
        }

        public Task WaitAsync(CancellationToken cancellationToken = default) => inner.WaitAsync(cancellationToken);

        public Task<StoredPost?> GetAsync(long id, CancellationToken cancellationToken = default) => inner.GetAsync(id, cancellationToken);

        public Task<IReadOnlyList<StoredPost>> ListAsync(int take, long? before = null, CancellationToken cancellationToken = default) =>
            inner.ListAsync(take, before, cancellationToken);

        public Task<int> PurgeAsync(DateTimeOffset receivedBefore, CancellationToken cancellationToken = default) => inner.PurgeAsync(receivedBefore, cancellationToken);
    }
}
