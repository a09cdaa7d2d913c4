using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>Who is woken, and when.</summary>
public abstract partial class MessageQueueContract
{
    [Fact]
    public async Task A_wait_ends_at_once_where_a_message_waits()
    {
        await SendAsync("s", "1");

        await Queue.WaitAsync(Stop);
    }

    [Fact]
    public async Task A_wait_ends_on_a_send()
    {
        var wait = Queue.WaitAsync(Stop);
        Assert.False(wait.IsCompleted);

        await SendAsync("s", "1");

        await wait;
    }

    [Fact]
    public async Task A_wait_ends_when_a_delayed_message_falls_due()
    {
        await Queue.SendAsync([new QueueMessage("s", "1", Body("x"), Clock.GetUtcNow().AddHours(30)), new QueueMessage("s", "2", Body("x"), Clock.GetUtcNow().AddMinutes(5))], Stop);
        var wait = Queue.WaitAsync(Stop);
        Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.False(wait.IsCompleted);
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
        Assert.Equal(["2"], await DrainAsync());

        wait = Queue.WaitAsync(Stop);
        Clock.Advance(TimeSpan.FromHours(29));
        Assert.False(wait.IsCompleted);
        Clock.Advance(TimeSpan.FromHours(1));
        await wait;
        Assert.Equal(["1"], await DrainAsync());
    }

    [Fact]
    public async Task A_wait_ends_when_a_lease_does_with_messages_left()
    {
        await SendAsync("s", "1", "2");
        var lease = await ReceiveAsync(take: 1);
        await CompleteAllAsync(lease);
        var wait = Queue.WaitAsync(Stop);
        Assert.False(wait.IsCompleted);

        await lease.DisposeAsync();

        await wait;
    }

    [Fact]
    public async Task A_wait_ends_when_a_dead_letter_is_tried_again()
    {
        await SendAsync("s", "1");
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync([new Settlement.GiveUp(Sequence(lease, "1"), "unreadable")], Stop);
        }

        var wait = Queue.WaitAsync(Stop);
        Assert.False(wait.IsCompleted);
        await Queue.RetryDeadLetterAsync((await Queue.ListDeadLettersAsync(1, 0, Stop))[0].Sequence, Stop);

        await wait;
    }

    [Fact]
    public async Task A_cancelled_wait_ends_and_takes_no_wake_up_from_another()
    {
        using var source = new CancellationTokenSource();
        var cancelled = Queue.WaitAsync(source.Token);
        var waiting = Queue.WaitAsync(Stop);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Queue.WaitAsync(source.Token));
        Assert.False(waiting.IsCompleted);
        await SendAsync("s", "1");

        await waiting;
    }

    [Fact]
    public async Task F8_The_backlog_shows_what_was_sent_first_until_it_is_settled()
    {
        var backlog = (IBacklog)Queue;
        Assert.Null(await backlog.OldestAsync(Stop));
        await SendAsync("a", "1");
        await SendAsync("b", "2");
        await using (var lease = await ReceiveAsync())
        {
            Assert.Equal("1", (await backlog.OldestAsync(Stop))!.MessageId);
            await lease.SettleAsync([new Settlement.Hold(Sequence(lease, "1"), "a fault", TimeSpan.FromMinutes(1))], Stop);
        }

        Assert.Equal("1", (await backlog.OldestAsync(Stop))!.MessageId);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await using (var lease = await ReceiveAsync())
        {
            await using var other = await ReceiveAsync();
            await CompleteAllAsync(lease);
            await CompleteAllAsync(other);
        }

        Assert.Null(await backlog.OldestAsync(Stop));
    }

    [Fact]
    public async Task Every_session_that_becomes_ready_wakes_a_waiter()
    {
        var waits = Enumerable.Range(0, 3).Select(_ => Queue.WaitAsync(Stop)).ToList();

        await SendAsync("a", "1", "2", "3");
        await waits[0];
        Assert.Equal([false, false], waits.Skip(1).Select(wait => wait.IsCompleted));
        await SendAsync("b", "4");
        await SendAsync("c", "5");

        await Task.WhenAll(waits);
    }
}
