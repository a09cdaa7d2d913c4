using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>Late timers and clocks that somebody sets: on a busy machine nothing owed may stay behind.</summary>
public abstract partial class MessageQueueContract
{
    [Fact]
    public async Task R1_A_settlement_while_the_timer_of_a_due_message_runs_late_freezes_no_session()
    {
        await SendAsync("a", "1");
        await SendAsync("b", "2");
        await using (var a = await ReceiveAsync())
        {
            await a.SettleAsync([new Settlement.Abandon(Sequence(a, "1"), "the far end is away", TimeSpan.FromSeconds(5))], Stop);
        }

        await using (var b = await ReceiveAsync())
        {
            Clock.AdvanceBeforeTimers(TimeSpan.FromSeconds(5.03));
            await b.SettleAsync([new Settlement.Abandon(Sequence(b, "2"), "the far end is away", TimeSpan.FromSeconds(5))], Stop);
            await Assert.ThrowsAsync<ArgumentException>(() => b.SettleAsync([new Settlement.Complete(Sequence(b, "2"))], Stop));
        }

        Assert.Equal(["1"], await DrainAsync());
        Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["2"], await DrainAsync());
    }

    [Fact]
    public async Task R1_A_send_while_the_timer_of_a_due_message_runs_late_loses_neither()
    {
        await Queue.SendAsync([new QueueMessage("s", "1", Body("x"), Clock.GetUtcNow().AddSeconds(5))], Stop);
        Clock.AdvanceBeforeTimers(TimeSpan.FromSeconds(6));
        await Queue.SendAsync([new QueueMessage("s", "2", Body("x"), Clock.GetUtcNow().AddSeconds(5))], Stop);

        Assert.Equal(["1"], await DrainAsync());
        Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["2"], await DrainAsync());
    }

    [Fact]
    public async Task R1_A_wait_ends_on_anybodys_call_when_the_timer_of_a_due_message_runs_late()
    {
        await Queue.SendAsync([new QueueMessage("s", "1", Body("x"), Clock.GetUtcNow().AddSeconds(5))], Stop);
        var wait = Queue.WaitAsync(Stop);
        Clock.AdvanceBeforeTimers(TimeSpan.FromSeconds(5));

        Assert.Equal(["1"], await DrainAsync());

        await SendAsync("t", "2");
        await wait;
    }

    [Fact]
    public async Task R1_A_hundred_messages_given_back_for_milliseconds_all_come_again_on_the_real_clock()
    {
        const int Messages = 100, Rounds = 20;
        var queue = OpenOnRealClock();
        await queue.SendAsync([.. Enumerable.Range(0, Messages).Select(i => new QueueMessage($"s{i % 20}", $"{i}", Body("x")))], Stop);
        var deliveries = 0;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        async Task ReceiveUntilDoneAsync(Random random)
        {
            while (!done.IsCancellationRequested)
            {
                if (await queue.TryReceiveAsync(10, Stop) is not { } lease)
                {
                    await queue.WaitAsync(done.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                    continue;
                }

                await using (lease)
                {
                    await lease.SettleAsync(
                        [.. lease.Messages.Select(message => new Settlement.Abandon(
                            message.Sequence, "later", TimeSpan.FromMilliseconds(random.Next(5, 41)), IsCounted: false))],
                        Stop);
                }

                if (Interlocked.Add(ref deliveries, lease.Messages.Count) >= Messages * Rounds)
                {
                    await done.CancelAsync();
                }
            }
        }

        // A freeze shows as a time-out; a busy machine needs seconds of this minute.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() => ReceiveUntilDoneAsync(new Random(seed)), Stop)))
            .WaitAsync(TimeSpan.FromMinutes(1), Stop);
    }

    [Fact]
    public async Task R6_A_wall_clock_set_back_makes_no_delay_longer()
    {
        await Queue.SendAsync([new QueueMessage("s", "1", Body("x"), Clock.GetUtcNow().AddMinutes(1))], Stop);
        var wait = Queue.WaitAsync(Stop);
        Clock.SetWallClock(TimeSpan.FromHours(-1));
        Clock.Advance(TimeSpan.FromMinutes(1));

        await wait;
        Assert.Equal(["1"], await DrainAsync());
    }
}
