using System.Text;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>What every adapter of <see cref="IPulledPostLog"/> promises.</summary>
public abstract class PostLogContract
{
    protected ManualTimeProvider Clock { get; } = new();

    /// <summary>A log that sends to <see cref="Alerts"/>.</summary>
    protected abstract IPulledPostLog Log { get; }

    protected abstract IPulledMessageQueue Alerts { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_post_is_read_back_as_it_was()
    {
        var at = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1234567);
        var id = await Log.AppendAsync(new ReceivedPost("alertmanager", "{\"ä\":1}"u8.ToArray(), at, "prod token"), Stop);

        var stored = await Log.GetAsync(id, Stop);
        Assert.NotNull(stored);
        Assert.Equal((id, false), (stored.Id, stored.IsSplit));
        Assert.Equal(
            ("alertmanager", "{\"ä\":1}", at, "prod token", null),
            (stored.Post.Source, BodyOf(stored), stored.Post.ReceivedAt, stored.Post.Caller, stored.Post.RejectedBecause));
        Assert.Null(await Log.GetAsync(id + 1, Stop));
    }

    [Fact]
    public async Task A_body_is_kept_though_its_memory_is_used_again()
    {
        var buffer = "pooled"u8.ToArray();
        var id = await Log.AppendAsync(new ReceivedPost("s", buffer, Clock.GetUtcNow()), Stop);
        buffer.AsSpan().Clear();

        Assert.Equal("pooled", BodyOf(await Log.GetAsync(id, Stop)));
        var empty = await Log.AppendAsync(new ReceivedPost("s", ReadOnlyMemory<byte>.Empty, Clock.GetUtcNow()), Stop);
        Assert.Equal("", BodyOf(await Log.GetAsync(empty, Stop)));
    }

    [Fact]
    public async Task Ids_grow_and_many_appends_at_once_are_all_kept()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(
            async () => (Id: await Log.AppendAsync(Post($"{i}"), Stop), Body: $"{i}"), Stop)));

        Assert.Equal(200, ids.DistinctBy(post => post.Id).Count());
        var unsplit = await Log.ReadUnsplitAsync(1000, int.MaxValue, Stop);
        Assert.Equal(ids.OrderBy(post => post.Id), unsplit.Select(post => (post.Id, BodyOf(post))));
        Assert.True(await Log.AppendAsync(Post("later"), Stop) > ids.Max(post => post.Id));
    }

    [Fact]
    public async Task Unsplit_posts_come_oldest_first_within_both_limits()
    {
        var ids = await AppendAsync("12345", "12345", "12345", "12345");

        Assert.Equal(ids[..2], await UnsplitAsync(maxPosts: 2));
        Assert.Equal(ids[..1], await UnsplitAsync(maxBytes: 5));
        Assert.Equal(ids[..2], await UnsplitAsync(maxBytes: 6));
        Assert.Equal(ids[..1], await UnsplitAsync(maxBytes: 0));
        Assert.Equal(ids, await UnsplitAsync());
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Log.ReadUnsplitAsync(0, 1, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Log.ReadUnsplitAsync(1001, 1, Stop));
    }

    [Fact]
    public async Task Completing_a_split_marks_the_posts_and_sends_their_alerts()
    {
        var ids = await AppendAsync("a", "b", "c");

        await Log.CompleteSplitAsync(ids[..2], [Message("1"), Message("2")], Stop);

        Assert.Equal(ids[2..], await UnsplitAsync());
        Assert.Equal([true, true, false], (await Task.WhenAll(ids.Select(id => Log.GetAsync(id, Stop)))).Select(post => post!.IsSplit));
        Assert.Equal(["1", "2"], await ReceivedAsync());
    }

    [Fact]
    public async Task A_post_without_alerts_is_split_too()
    {
        var ids = await AppendAsync("a");

        await Log.CompleteSplitAsync(ids, [], Stop);

        Assert.Empty(await UnsplitAsync());
        Assert.Null(await Alerts.TryReceiveAsync(1, Stop));
    }

    [Fact]
    public async Task A_split_out_of_order_is_refused_and_nothing_is_sent()
    {
        var ids = await AppendAsync("a", "b", "c");

        await AssertRefusedAsync([]);
        await AssertRefusedAsync([ids[1]]);
        await AssertRefusedAsync([ids[0], ids[2]]);
        await AssertRefusedAsync([ids[1], ids[0]]);
        await AssertRefusedAsync([ids[0], ids[1], ids[2], ids[2] + 1]);
        await Log.CompleteSplitAsync([ids[0]], [], Stop);
        await AssertRefusedAsync([ids[0]]);
        await AssertRefusedAsync([ids[0], ids[1]]);

        Assert.Equal(ids[1..], await UnsplitAsync());
        Assert.Null(await Alerts.TryReceiveAsync(1, Stop));
    }

    [Fact]
    public async Task Alerts_the_queue_would_refuse_leave_the_posts_unsplit()
    {
        var ids = await AppendAsync("a");

        await Assert.ThrowsAsync<ArgumentException>(() => Log.CompleteSplitAsync(ids, [Message("1"), Message("")], Stop));

        Assert.Equal(ids, await UnsplitAsync());
        Assert.Null(await Alerts.TryReceiveAsync(1, Stop));
    }

    [Fact]
    public async Task A_rejected_post_is_kept_and_never_split()
    {
        var first = await AppendAsync("a");
        var rejected = await Log.AppendAsync(Post("no json") with { RejectedBecause = "line 1: expected {" }, Stop);
        var last = await AppendAsync("b");

        Assert.Equal([.. first, .. last], await UnsplitAsync());
        await Log.CompleteSplitAsync([.. first, .. last], [], Stop);
        var stored = await Log.GetAsync(rejected, Stop);
        Assert.Equal(("no json", "line 1: expected {", false), (BodyOf(stored), stored!.Post.RejectedBecause, stored.IsSplit));
    }

    [Fact]
    public async Task Of_a_rejected_post_the_first_64_KiB_are_kept()
    {
        var body = Encoding.ASCII.GetBytes(new string('a', 64 * 1024) + "b");
        var rejected = await Log.AppendAsync(new ReceivedPost("s", body, Clock.GetUtcNow(), null, "too large"), Stop);
        var accepted = await Log.AppendAsync(new ReceivedPost("s", body, Clock.GetUtcNow()), Stop);

        Assert.Equal(new string('a', 64 * 1024), BodyOf(await Log.GetAsync(rejected, Stop)));
        Assert.Equal(body.Length, (await Log.GetAsync(accepted, Stop))!.Post.Body.Length);
    }

    [Fact]
    public async Task Posts_are_listed_newest_first_page_by_page()
    {
        var ids = await AppendAsync("a", "b", "c");
        var rejected = await Log.AppendAsync(Post("d") with { RejectedBecause = "why" }, Stop);
        await Log.CompleteSplitAsync(ids[..1], [], Stop);

        var first = await Log.ListAsync(2, null, Stop);
        var second = await Log.ListAsync(10, first[^1].Id, Stop);
        Assert.Equal([(rejected, false), (ids[2], false)], first.Select(post => (post.Id, post.IsSplit)));
        Assert.Equal([(ids[1], false), (ids[0], true)], second.Select(post => (post.Id, post.IsSplit)));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Log.ListAsync(0, null, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Log.ListAsync(1001, null, Stop));
    }

    [Fact]
    public async Task Purge_deletes_old_posts_but_none_that_is_still_to_be_split()
    {
        var split = await AppendAsync("split");
        await Log.CompleteSplitAsync(split, [], Stop);
        var unsplit = await AppendAsync("unsplit");
        var rejected = await Log.AppendAsync(Post("rejected") with { RejectedBecause = "why" }, Stop);
        Clock.Advance(TimeSpan.FromDays(1));
        var young = await Log.AppendAsync(Post("young") with { RejectedBecause = "why" }, Stop);

        Assert.Equal(0, await Log.PurgeAsync(Clock.GetUtcNow().AddDays(-1), Stop));
        Assert.Equal(2, await Log.PurgeAsync(Clock.GetUtcNow(), Stop));

        Assert.Equal([young, unsplit[0]], (await Log.ListAsync(10, null, Stop)).Select(post => post.Id));
        Assert.Null(await Log.GetAsync(rejected, Stop));
        Assert.Equal(unsplit, await UnsplitAsync());
    }

    [Fact]
    public async Task An_id_is_never_given_again_though_every_post_was_purged()
    {
        var ids = await AppendAsync("a", "b");
        await Log.CompleteSplitAsync(ids, [], Stop);
        Assert.Equal(2, await Log.PurgeAsync(Clock.GetUtcNow().AddDays(1), Stop));

        var next = await AppendAsync("c");
        Assert.True(next[0] > ids[1]);
        Assert.Equal(next, await UnsplitAsync());
    }

    [Fact]
    public async Task Purge_takes_more_than_a_thousand()
    {
        await Task.WhenAll(Enumerable.Range(0, 1200).Select(i => Log.AppendAsync(Post($"{i}") with { RejectedBecause = "why" }, Stop).AsTask()));
        var kept = await Log.AppendAsync(Post("kept") with { ReceivedAt = Clock.GetUtcNow().AddDays(2) }, Stop);

        Assert.Equal(1200, await Log.PurgeAsync(Clock.GetUtcNow().AddDays(1), Stop));
        Assert.Equal([kept], (await Log.ListAsync(10, null, Stop)).Select(post => post.Id));
    }

    [Fact]
    public async Task A_wait_ends_at_once_where_a_post_is_to_be_split()
    {
        await AppendAsync("a");

        await Log.WaitAsync(Stop);
    }

    [Fact]
    public async Task A_wait_ends_on_an_accepted_post_and_not_on_a_rejected_one()
    {
        var ids = await AppendAsync("a");
        await Log.CompleteSplitAsync(ids, [], Stop);
        var wait = Log.WaitAsync(Stop);
        await Log.AppendAsync(Post("no json") with { RejectedBecause = "why" }, Stop);
        Assert.False(wait.IsCompleted);

        await AppendAsync("b");

        await wait;
    }

    [Fact]
    public async Task A_cancelled_wait_ends()
    {
        using var source = new CancellationTokenSource();
        var wait = Log.WaitAsync(source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Log.WaitAsync(source.Token));
    }

    protected ReceivedPost Post(string body) => new("alertmanager", Encoding.UTF8.GetBytes(body), Clock.GetUtcNow());

    protected async Task<List<long>> AppendAsync(params string[] bodies)
    {
        List<long> ids = [];
        foreach (var body in bodies)
        {
            ids.Add(await Log.AppendAsync(Post(body), Stop));
        }

        return ids;
    }

    protected async Task<IEnumerable<long>> UnsplitAsync(int maxPosts = 1000, int maxBytes = int.MaxValue) =>
        (await Log.ReadUnsplitAsync(maxPosts, maxBytes, Stop)).Select(post => post.Id);

    protected static QueueMessage Message(string id) => new("session", id, "{}"u8.ToArray());

    private async Task<List<string>> ReceivedAsync()
    {
        await using var lease = await Alerts.TryReceiveAsync(100, Stop);
        Assert.NotNull(lease);
        return [.. lease.Messages.Select(message => message.MessageId)];
    }

    private Task AssertRefusedAsync(List<long> posts) =>
        Assert.ThrowsAsync<ArgumentException>(() => Log.CompleteSplitAsync(posts, [Message("sent by mistake")], Stop));

    private static string BodyOf(StoredPost? post)
    {
        Assert.NotNull(post);
        return Encoding.UTF8.GetString(post.Post.Body.Span);
    }
}
