using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>What becomes of a message once it was handed out.</summary>
public abstract partial class MessageQueueContract
{
    [Fact]
    public async Task A_completed_message_never_comes_again()
    {
        await SendAsync("s", "1");

        await DrainAsync();

        Assert.Null(await Queue.TryReceiveAsync(10, Stop));
    }

    [Fact]
    public async Task An_abandoned_message_comes_again_in_its_place_and_is_counted()
    {
        await SendAsync("s", "1", "2", "3");
        await using (var lease = await ReceiveAsync(take: 2))
        {
            await lease.SettleAsync([new Settlement.Abandon(Sequence(lease, "1"), "not now"), new Settlement.Complete(Sequence(lease, "2"))], Stop);
        }

        await using var again = await ReceiveAsync();
        Assert.Equal([("1", 2), ("3", 1)], again.Messages.Select(message => (message.MessageId, message.DeliveryCount)));
    }

    [Fact]
    public async Task A_message_left_unsettled_counts_as_abandoned()
    {
        await SendAsync("s", "1", "2");
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync([new Settlement.Complete(Sequence(lease, "2"))], Stop);
        }

        await using var again = await ReceiveAsync();
        Assert.Equal([("1", 2)], again.Messages.Select(message => (message.MessageId, message.DeliveryCount)));
    }

    [Fact]
    public async Task A_message_abandoned_through_no_fault_of_its_own_is_not_counted()
    {
        await SendAsync("s", "1");
        for (var i = 0; i < QueueLimits.MaxDeliveries + 5; i++)
        {
            await using var lease = await ReceiveAsync();
            Assert.Equal(1, lease.Messages[0].DeliveryCount);
            await lease.SettleAsync([new Settlement.Abandon(Sequence(lease, "1"), "the store is away", IsCounted: false)], Stop);
        }

        Assert.Empty(await Queue.ListDeadLettersAsync(10, 0, Stop));
    }

    [Fact]
    public async Task A_message_abandoned_with_a_delay_lets_those_behind_it_go_first()
    {
        await SendAsync("s", "1", "2");
        await using (var lease = await ReceiveAsync(take: 1))
        {
            await lease.SettleAsync([new Settlement.Abandon(Sequence(lease, "1"), "later", TimeSpan.FromSeconds(30))], Stop);
        }

        Assert.Equal(["2"], await DrainAsync());
        Clock.Advance(TimeSpan.FromSeconds(29.999));
        Assert.Null(await Queue.TryReceiveAsync(10, Stop));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["1"], await DrainAsync());
    }

    [Fact]
    public async Task F4_A_message_that_is_held_keeps_its_place_and_its_session_waits_with_it()
    {
        await SendAsync("s", "1", "2");
        await using (var lease = await ReceiveAsync(take: 1))
        {
            await lease.SettleAsync([new Settlement.Hold(Sequence(lease, "1"), "a fault", TimeSpan.FromSeconds(30))], Stop);
        }

        await SendAsync("s", "3");
        await SendAsync("other", "4");
        Assert.Equal(["4"], await DrainAsync());
        var wait = Queue.WaitAsync(Stop);
        Clock.Advance(TimeSpan.FromSeconds(29.999));
        Assert.Null(await Queue.TryReceiveAsync(10, Stop));
        Clock.Advance(TimeSpan.FromMilliseconds(1));

        await wait;
        await using var again = await ReceiveAsync();
        Assert.Equal([("1", 2), ("2", 1), ("3", 1)], again.Messages.Select(message => (message.MessageId, message.DeliveryCount)));
    }

    [Fact]
    public async Task F4_A_message_held_at_its_last_delivery_is_a_dead_letter_and_those_behind_it_go_on()
    {
        await SendAsync("s", "poison", "2");
        for (var delivery = 1; delivery <= QueueLimits.MaxDeliveries; delivery++)
        {
            await using var lease = await ReceiveAsync(take: 1);
            await lease.SettleAsync([new Settlement.Hold(Sequence(lease, "poison"), "a fault", TimeSpan.FromSeconds(30))], Stop);
            Clock.Advance(TimeSpan.FromSeconds(delivery == QueueLimits.MaxDeliveries ? 0 : 30));
        }

        Assert.Equal(["a fault"], (await Queue.ListDeadLettersAsync(10, 0, Stop)).Select(letter => letter.Reason));
        Assert.Equal(["2"], await DrainAsync());
    }

    [Fact]
    public async Task F4_Two_messages_held_wait_for_the_later_of_their_times()
    {
        await SendAsync("s", "1", "2");
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync(
                [new Settlement.Hold(Sequence(lease, "1"), "a fault", TimeSpan.FromSeconds(10)), new Settlement.Hold(Sequence(lease, "2"), "a fault", TimeSpan.FromSeconds(20))],
                Stop);
        }

        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await Queue.TryReceiveAsync(10, Stop));
        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["1", "2"], await DrainAsync());
    }

    [Fact]
    public async Task A_message_becomes_a_dead_letter_after_its_last_delivery()
    {
        await SendAsync("s", "poison");
        await AbandonAsync(QueueLimits.MaxDeliveries - 1);
        Assert.Empty(await Queue.ListDeadLettersAsync(10, 0, Stop));

        await AbandonAsync(1);

        var letter = Assert.Single(await Queue.ListDeadLettersAsync(10, 0, Stop));
        Assert.Equal(
            ("poison", "s", "x", "no good", QueueLimits.MaxDeliveries, Clock.GetUtcNow()),
            (letter.Message.MessageId, letter.Message.SessionId, BodyOf(letter.Message), letter.Reason, letter.Message.DeliveryCount, letter.At));
        Assert.Null(await Queue.TryReceiveAsync(10, Stop));
    }

    [Fact]
    public async Task A_message_given_up_is_a_dead_letter_at_once_and_the_next_goes_on()
    {
        await SendAsync("s", "1", "2");
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync([new Settlement.GiveUp(Sequence(lease, "1"), "unreadable"), new Settlement.Complete(Sequence(lease, "2"))], Stop);
        }

        Assert.Equal(["unreadable"], (await Queue.ListDeadLettersAsync(10, 0, Stop)).Select(letter => letter.Reason));
        Assert.Null(await Queue.TryReceiveAsync(10, Stop));
    }

    [Fact]
    public async Task Dead_letters_are_listed_by_sequence_page_by_page()
    {
        await SendAsync("s", "1", "2", "3");
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync([.. lease.Messages.Reverse().Select(message => new Settlement.GiveUp(message.Sequence, message.MessageId))], Stop);
        }

        var first = await Queue.ListDeadLettersAsync(2, 0, Stop);
        var second = await Queue.ListDeadLettersAsync(2, first[^1].Sequence, Stop);
        Assert.Equal(["1", "2"], first.Select(letter => letter.Reason));
        Assert.Equal(["3"], second.Select(letter => letter.Reason));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Queue.ListDeadLettersAsync(0, 0, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Queue.ListDeadLettersAsync(1001, 0, Stop));
    }

    [Fact]
    public async Task A_dead_letter_tried_again_comes_back_once_in_its_old_place_as_new()
    {
        await SendAsync("s", "1", "2");
        await using (var lease = await ReceiveAsync(take: 1))
        {
            await lease.SettleAsync([new Settlement.GiveUp(Sequence(lease, "1"), "unreadable")], Stop);
        }

        var sequence = Assert.Single(await Queue.ListDeadLettersAsync(10, 0, Stop)).Sequence;
        Assert.True(await Queue.RetryDeadLetterAsync(sequence, Stop));
        Assert.False(await Queue.RetryDeadLetterAsync(sequence, Stop));
        Assert.False(await Queue.RetryDeadLetterAsync(sequence + 1, Stop));

        Assert.Empty(await Queue.ListDeadLettersAsync(10, 0, Stop));
        await using var again = await ReceiveAsync();
        Assert.Equal([("1", 1, sequence), ("2", 1, sequence + 1)], again.Messages.Select(message => (message.MessageId, message.DeliveryCount, message.Sequence)));
    }

    [Fact]
    public async Task A_settlement_that_makes_no_sense_settles_nothing()
    {
        await SendAsync("s", "1", "2");
        await SendAsync("t", "3");
        await using var lease = await ReceiveAsync();
        await using var other = await ReceiveAsync();
        var first = new Settlement.Complete(Sequence(lease, "1"));

        await Assert.ThrowsAsync<ArgumentException>(() => lease.SettleAsync([first, new Settlement.Complete(Sequence(other, "3"))], Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => lease.SettleAsync([first, first], Stop));
        await lease.SettleAsync([first], Stop);
        await Assert.ThrowsAsync<ArgumentException>(() => lease.SettleAsync([first], Stop));
        await lease.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => lease.SettleAsync([new Settlement.Complete(Sequence(lease, "2"))], Stop));
    }

    [Fact]
    public async Task A_lease_can_be_disposed_twice()
    {
        await SendAsync("s", "1");
        var lease = await ReceiveAsync();
        await lease.DisposeAsync();
        await lease.DisposeAsync();

        await using var again = await ReceiveAsync();
        Assert.Equal(2, Assert.Single(again.Messages).DeliveryCount);
    }
}
