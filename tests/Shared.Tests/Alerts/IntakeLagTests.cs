using Pipeline.Alerts;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

public sealed class IntakeLagTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly InMemoryMessageQueue queue;
    private readonly InMemoryPostLog posts;
    private readonly IntakeLag lag;

    public IntakeLagTests()
    {
        queue = new InMemoryMessageQueue("alerts", clock);
        posts = new InMemoryPostLog(queue);
        lag = new IntakeLag(queue, posts, clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        queue.Dispose();
        posts.Dispose();
    }

    [Fact]
    public async Task F8_Where_nothing_waits_there_is_no_lag() => Assert.Equal(TimeSpan.Zero, await lag.MeasureAsync(Token));

    [Fact]
    public async Task F8_A_post_that_is_not_split_yet_counts_from_its_receipt()
    {
        await posts.AppendAsync(new ReceivedPost("prometheus", "[]"u8.ToArray(), clock.GetUtcNow()), Token);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(5), await lag.MeasureAsync(Token));
    }

    [Fact]
    public async Task F8_An_alert_in_the_queue_counts_from_its_receipt_and_not_from_its_split()
    {
        await SendAsync(clock.GetUtcNow().AddMinutes(-7));
        await SendAsync(clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(7), await lag.MeasureAsync(Token));
    }

    [Fact]
    public async Task F8_An_alert_in_hand_counts_until_it_is_settled()
    {
        await SendAsync(clock.GetUtcNow().AddMinutes(-7));
        await using var lease = (await queue.TryReceiveAsync(1, Token))!;
        Assert.Equal(TimeSpan.FromMinutes(7), await lag.MeasureAsync(Token));
        await lease.SettleAsync([new Settlement.Complete(lease.Messages[0].Sequence)], Token);
        Assert.Equal(TimeSpan.Zero, await lag.MeasureAsync(Token));
    }

    [Fact]
    public async Task F8_A_message_that_holds_no_alert_counts_from_its_sending()
    {
        await queue.SendAsync([new QueueMessage("s", "1", "no alert"u8.ToArray())], Token);
        clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(TimeSpan.FromMinutes(3), await lag.MeasureAsync(Token));
    }

    private Task SendAsync(DateTimeOffset receivedAt)
    {
        var alert = SampleAlert.Firing(SampleAlert.Pairs("alertname=A"), receivedAt: receivedAt);
        return queue.SendAsync([new QueueMessage("s", $"{receivedAt.Ticks}", AlertJson.Write(alert))], Token);
    }
}
