using System.Text;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>What every adapter of <see cref="IPulledMessageQueue"/> promises.</summary>
public abstract class MessageQueueContract
{
    protected ManualTimeProvider Clock { get; } = new();

    /// <summary>The queue <c>alerts</c> on <see cref="Clock"/>.</summary>
    protected abstract IPulledMessageQueue Queue { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_arrives_as_it_was_sent()
    {
        await Queue.SendAsync([new QueueMessage("session", "id", "bödy😀"u8.ToArray())], Stop);

        await using var lease = await ReceiveAsync();
        var message = Assert.Single(lease.Messages);
        Assert.Equal("session", lease.SessionId);
        Assert.Equal(("session", "id", "bödy😀", 1, Clock.GetUtcNow()), (message.SessionId, message.MessageId, BodyOf(message), message.DeliveryCount, message.EnqueuedAt));
        Assert.Equal("alerts", Queue.Name);
    }

    [Fact]
    public async Task An_empty_queue_gives_nothing_and_an_empty_send_does_nothing()
    {
        await Queue.SendAsync([], Stop);

        Assert.Null(await Queue.TryReceiveAsync(10, Stop));
    }

    [Fact]
    public async Task A_body_is_kept_though_its_memory_is_used_again()
    {
        var buffer = "kept"u8.ToArray();
        await Queue.SendAsync([new QueueMessage("s", "1", buffer), new QueueMessage("s", "2", ReadOnlyMemory<byte>.Empty)], Stop);
        buffer.AsSpan().Clear();

        await using var lease = await ReceiveAsync();
        Assert.Equal(["kept", ""], lease.Messages.Select(BodyOf));
    }

    [Fact]
    public async Task Messages_of_a_session_come_in_the_order_they_were_sent()
    {
        await SendAsync("s", "1", "2");
        await SendAsync("s", "3");

        await using var lease = await ReceiveAsync(take: 2);
        Assert.Equal(["1", "2"], IdsOf(lease));
        await CompleteAllAsync(lease);
        await lease.DisposeAsync();
        await using var rest = await ReceiveAsync();
        Assert.Equal(["3"], IdsOf(rest));
        Assert.True(rest.Messages[0].Sequence > lease.Messages[1].Sequence);
    }

    [Fact]
    public async Task A_session_has_one_receiver_at_a_time_and_others_run_beside_it()
    {
        await SendAsync("a", "1", "2");
        await SendAsync("b", "3");

        await using var a = await ReceiveAsync(take: 1);
        await using var b = await ReceiveAsync();
        Assert.Equal(("a", "b"), (a.SessionId, b.SessionId));
        await SendAsync("a", "4");
        Assert.Null(await Queue.TryReceiveAsync(10, Stop));

        await CompleteAllAsync(a);
        Assert.Null(await Queue.TryReceiveAsync(10, Stop));
        await a.DisposeAsync();
        await using var again = await ReceiveAsync();
        Assert.Equal(["2", "4"], IdsOf(again));
    }

    [Fact]
    public async Task The_session_that_has_waited_longest_comes_first()
    {
        await SendAsync("a", "a1", "a2", "a3");
        await SendAsync("b", "b1");
        await SendAsync("c", "c1");

        Assert.Equal(["a", "b", "c", "a", "a"], await DrainSessionsAsync(take: 1));
    }

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
    public async Task A_delayed_message_is_not_handed_out_early_and_holds_up_nobody()
    {
        var now = Clock.GetUtcNow();
        await Queue.SendAsync(
            [
                new QueueMessage("s", "late", Body("x"), now.AddMinutes(10)),
                new QueueMessage("s", "past", Body("x"), now.AddMinutes(-10)),
                new QueueMessage("s", "soon", Body("x"), now.AddMinutes(5)),
                new QueueMessage("s", "now", Body("x")),
            ],
            Stop);

        Assert.Equal(["past", "now"], await DrainAsync());
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(["soon"], await DrainAsync());
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(["late"], await DrainAsync());
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
    public async Task The_same_id_is_dropped_inside_the_window_and_taken_after_it()
    {
        await SendAsync("s", "id", "id");
        await SendAsync("other session", "id");
        Assert.Equal(["id"], await DrainAsync());

        Clock.Advance(QueueLimits.DuplicateWindow - TimeSpan.FromTicks(1));
        await SendAsync("s", "id");
        Assert.Empty(await DrainAsync());

        Clock.Advance(TimeSpan.FromTicks(1));
        await SendAsync("s", "id");
        await SendAsync("s", "id");
        Assert.Equal(["id"], await DrainAsync());
    }

    [Fact]
    public async Task An_id_sent_again_after_the_window_is_another_message_beside_the_first()
    {
        await SendAsync("s", "id");
        Clock.Advance(QueueLimits.DuplicateWindow);
        await SendAsync("s", "id");

        await using var lease = await ReceiveAsync();
        Assert.Equal(["id", "id"], IdsOf(lease));
        Assert.True(lease.Messages[0].Sequence < lease.Messages[1].Sequence);
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

    [Theory]
    [InlineData("", "id")]
    [InlineData("s", "")]
    [InlineData("s", null)]
    [InlineData(null, "id")]
    public Task A_message_without_a_session_or_an_id_is_refused(string? session, string? id) =>
        Assert.ThrowsAsync<ArgumentException>(() => Queue.SendAsync([new QueueMessage(session!, id!, Body("x"))], Stop));

    [Fact]
    public async Task Ids_have_at_most_128_characters_and_a_refused_send_sends_none()
    {
        var longest = new string('x', QueueLimits.MaxIdCharacters);
        await Assert.ThrowsAsync<ArgumentException>(() => SendAsync("s", "fine", longest + "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => SendAsync(longest + "x", "fine"));
        Assert.Null(await Queue.TryReceiveAsync(10, Stop));

        await SendAsync(longest, longest);
        Assert.Equal([longest], await DrainAsync());
    }

    [Fact]
    public Task A_receive_of_no_messages_is_refused() =>
        Assert.ThrowsAnyAsync<ArgumentException>(() => Queue.TryReceiveAsync(0, Stop));

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

    [Fact]
    public async Task Many_senders_and_receivers_lose_nothing_double_nothing_and_keep_each_session_in_order()
    {
        const int Sessions = 20, PerSession = 50;
        var received = Enumerable.Range(0, Sessions).ToDictionary(i => $"s{i}", _ => new List<string>(), StringComparer.Ordinal);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var left = Sessions * PerSession;

        async Task ReceiveUntilDoneAsync()
        {
            while (!done.IsCancellationRequested)
            {
                await using (var lease = await Queue.TryReceiveAsync(7, Stop))
                {
                    if (lease is not null)
                    {
                        // No lock: the lease is what keeps two receivers from one list.
                        received[lease.SessionId].AddRange(lease.Messages.Select(BodyOf));
                        await CompleteAllAsync(lease);
                        if (Interlocked.Add(ref left, -lease.Messages.Count) == 0)
                        {
                            await done.CancelAsync();
                        }

                        continue;
                    }
                }

                await Queue.WaitAsync(done.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }

        var receivers = Enumerable.Range(0, 4).Select(_ => Task.Run(ReceiveUntilDoneAsync, Stop)).ToList();
        await Task.WhenAll(received.Keys.Select(session => Task.Run(
            async () =>
            {
                for (var i = 0; i < PerSession; i++)
                {
                    await Queue.SendAsync([new QueueMessage(session, $"{session}-{i}", Body($"{i}"))], Stop);
                }
            },
            Stop)));
        await Task.WhenAll(receivers);

        var expected = Enumerable.Range(0, PerSession).Select(i => $"{i}").ToList();
        Assert.All(received.Values, bodies => Assert.Equal(expected, bodies));
        Assert.Null(await Queue.TryReceiveAsync(1, Stop));
    }

    protected Task SendAsync(string session, params string[] ids) =>
        Queue.SendAsync([.. ids.Select(id => new QueueMessage(session, id, Body("x")))], Stop);

    protected async Task<ISessionLease> ReceiveAsync(int take = 100)
    {
        var lease = await Queue.TryReceiveAsync(take, Stop);
        Assert.NotNull(lease);
        return lease;
    }

    /// <summary>Completes all that can be handled now, and gives the message ids in the order they came.</summary>
    protected async Task<List<string>> DrainAsync()
    {
        List<string> ids = [];
        while (await Queue.TryReceiveAsync(100, Stop) is { } lease)
        {
            ids.AddRange(IdsOf(lease));
            await CompleteAllAsync(lease);
            await lease.DisposeAsync();
        }

        return ids;
    }

    private async Task<List<string>> DrainSessionsAsync(int take)
    {
        List<string> sessions = [];
        while (await Queue.TryReceiveAsync(take, Stop) is { } lease)
        {
            sessions.Add(lease.SessionId);
            await CompleteAllAsync(lease);
            await lease.DisposeAsync();
        }

        return sessions;
    }

    private async Task AbandonAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await using var lease = await ReceiveAsync();
            await lease.SettleAsync([.. lease.Messages.Select(message => new Settlement.Abandon(message.Sequence, "no good"))], Stop);
        }
    }

    private static Task CompleteAllAsync(ISessionLease lease) =>
        lease.SettleAsync([.. lease.Messages.Select(message => new Settlement.Complete(message.Sequence))], Stop);

    private static long Sequence(ISessionLease lease, string id) => lease.Messages.Single(message => message.MessageId == id).Sequence;

    private static IEnumerable<string> IdsOf(ISessionLease lease) => lease.Messages.Select(message => message.MessageId);

    private static string BodyOf(ReceivedMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    private static ReadOnlyMemory<byte> Body(string text) => Encoding.UTF8.GetBytes(text);
}
