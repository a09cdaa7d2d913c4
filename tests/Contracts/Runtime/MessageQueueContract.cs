using System.Text;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>What every adapter of <see cref="IPulledMessageQueue"/> promises.</summary>
public abstract partial class MessageQueueContract
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

    /// <summary>Another queue of the same adapter, empty and on the system's clock.</summary>
    protected abstract IPulledMessageQueue OpenOnRealClock();

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
