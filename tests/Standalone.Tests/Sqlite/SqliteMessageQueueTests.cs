using Pipeline.Runtime;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Contracts.Runtime;
using Xunit;

namespace Pipeline.Standalone.Tests.Sqlite;

public sealed class SqliteMessageQueueTests : MessageQueueContract, IAsyncDisposable
{
    private readonly DatabaseFolder folder = new();
    private SqliteMessageQueue queue;
    private SqliteMessageQueue? realClock;

    public SqliteMessageQueueTests() => queue = new SqliteMessageQueue(folder.Database, "alerts", Clock);

    protected override IPulledMessageQueue Queue => queue;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        queue.Dispose();
        realClock?.Dispose();
        Assert.Null(folder.Database.FaultAfterCommit);
        return folder.DisposeAsync();
    }

    [Fact]
    public async Task A_crash_frees_every_lease_and_messages_come_again_in_order_with_their_counts()
    {
        await SendAsync("s", "1", "2", "3");
        await using (var lease = await ReceiveAsync(take: 2))
        {
            await lease.SettleAsync([new Settlement.Complete(lease.Messages[0].Sequence), new Settlement.Abandon(lease.Messages[1].Sequence, "not now")], Stop);
        }

        var held = await ReceiveAsync();
        Assert.Equal(2, held.Messages.Count);
        await RestartAsync();

        await using var again = await ReceiveAsync();
        Assert.Equal([("2", 2), ("3", 1)], again.Messages.Select(message => (message.MessageId, message.DeliveryCount)));
    }

    [Fact]
    public async Task F4_After_a_restart_a_held_message_comes_at_once_and_in_its_place()
    {
        await SendAsync("s", "1", "2");
        await using (var lease = await ReceiveAsync(take: 1))
        {
            await lease.SettleAsync([new Settlement.Hold(lease.Messages[0].Sequence, "a fault", TimeSpan.FromMinutes(1))], Stop);
        }

        Assert.Null(await Queue.TryReceiveAsync(1, Stop));
        await RestartAsync();
        await using var again = await ReceiveAsync();
        Assert.Equal([("1", 2), ("2", 1)], again.Messages.Select(message => (message.MessageId, message.DeliveryCount)));
    }

    [Fact]
    public async Task Delays_dead_letters_and_remembered_ids_survive_a_restart()
    {
        await SendAsync("s", "dead", "id");
        await Queue.SendAsync([new QueueMessage("s", "late", default, Clock.GetUtcNow().AddMinutes(1))], Stop);
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync([new Settlement.GiveUp(lease.Messages[0].Sequence, "unreadable"), new Settlement.Complete(lease.Messages[1].Sequence)], Stop);
        }

        await RestartAsync();
        await SendAsync("s", "id");
        Assert.Empty(await DrainAsync());
        Assert.Equal("unreadable", Assert.Single(await Queue.ListDeadLettersAsync(10, 0, Stop)).Reason);
        var wait = Queue.WaitAsync(Stop);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await wait;
        Assert.Equal(["late"], await DrainAsync());
    }

    [Fact]
    public async Task R6_A_restart_with_a_clock_that_is_hours_behind_delays_no_message_for_hours()
    {
        await SendAsync("s", "1");
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync(
                [new Settlement.Abandon(lease.Messages[0].Sequence, "the far end is away", TimeSpan.FromSeconds(5))], Stop);
        }

        Clock.SetWallClock(TimeSpan.FromHours(-6));
        await RestartAsync();

        Assert.Empty(await DrainAsync());
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["1"], await DrainAsync());
    }

    [Fact]
    public async Task F4_Messages_that_are_never_handled_one_after_the_other_are_no_fault_of_health_while_they_hold_their_session()
    {
        await SendAsync("s", "1", "2", "3");
        for (var delivery = 0; (await Queue.ListDeadLettersAsync(10, 0, Stop)).Count < 2; delivery++)
        {
            Assert.True(delivery < 2 * QueueLimits.MaxDeliveries);
            await using (var lease = await ReceiveAsync())
            {
                var delay = LeaseHandling.DelayAfterFault(lease.Messages[0].DeliveryCount);
                await lease.SettleAsync(
                    [
                        new Settlement.Hold(lease.Messages[0].Sequence, "a fault", delay),
                        .. lease.Messages.Skip(1).Select(behind => new Settlement.Abandon(behind.Sequence, "", IsCounted: false)),
                    ],
                    Stop);
                await queue.CheckAsync(Stop);
            }

            Clock.Advance(TimeSpan.FromSeconds(59));
            await queue.CheckAsync(Stop);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await queue.CheckAsync(Stop);

        // The last one is due and nobody takes it.
        Clock.Advance(QueueLateness.Longest + TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => queue.CheckAsync(Stop));
    }

    [Fact]
    public async Task R3_A_lease_ends_at_4_MiB_and_the_next_goes_on_in_order()
    {
        await Queue.SendAsync([.. Enumerable.Range(0, 20).Select(number => new QueueMessage("s", $"{number:D2}", new byte[400_000]))], Stop);
        List<string> received = [];
        var leases = 0;
        while (received.Count < 20)
        {
            await using var lease = await ReceiveAsync(take: 256);
            Assert.InRange(lease.Messages.Sum(message => message.Body.Length), 400_000, (4 * 1024 * 1024) + 400_000);
            received.AddRange(lease.Messages.Select(message => message.MessageId));
            await lease.SettleAsync([.. lease.Messages.Select(message => new Settlement.Complete(message.Sequence))], Stop);
            leases++;
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"{number:D2}"), received);
        Assert.Equal(2, leases);
    }

    [Fact]
    public async Task No_sequence_is_given_twice_though_the_queue_was_emptied_and_its_ids_forgotten()
    {
        await SendAsync("s", "1");
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync([new Settlement.GiveUp(lease.Messages[0].Sequence, "unreadable")], Stop);
        }

        var dead = Assert.Single(await Queue.ListDeadLettersAsync(10, 0, Stop)).Sequence;
        for (var i = 0; i < 5; i++)
        {
            Clock.Advance(QueueLimits.DuplicateWindow * 2);
            await RestartAsync();
            await SendAsync("s", "1");
            await using var lease = await ReceiveAsync();
            Assert.True(lease.Messages[0].Sequence > dead);
            await lease.SettleAsync([new Settlement.Complete(lease.Messages[0].Sequence)], Stop);
        }
    }

    [Fact]
    public async Task Queues_of_one_file_keep_apart()
    {
        using var other = new SqliteMessageQueue(folder.Database, "notifications", Clock);
        await SendAsync("s", "id");
        await other.SendAsync([new QueueMessage("s", "id", default)], Stop);
        await using (var lease = await ReceiveAsync())
        {
            await lease.SettleAsync([new Settlement.GiveUp(Assert.Single(lease.Messages).Sequence, "unreadable")], Stop);
        }

        var dead = Assert.Single(await Queue.ListDeadLettersAsync(10, 0, Stop)).Sequence;
        Assert.Empty(await other.ListDeadLettersAsync(10, 0, Stop));
        Assert.False(await other.RetryDeadLetterAsync(dead, Stop));
        await RestartAsync();
        Assert.Empty(await DrainAsync());
    }

    [Fact]
    public async Task Old_ids_are_forgotten_as_new_ones_come()
    {
        await SendAsync("s", [.. Enumerable.Range(0, 100).Select(i => $"old-{i}")]);
        Clock.Advance(QueueLimits.DuplicateWindow);
        for (var i = 0; i < 60; i++)
        {
            await SendAsync("s", $"new-{i}");
        }

        Assert.Equal(60L, folder.Database.Read(statements => statements.Scalar("SELECT COUNT(*) FROM message_ids")));
    }

    [Fact]
    public async Task A_receive_that_cannot_read_leaves_the_messages_to_the_next()
    {
        await SendAsync("s", "1", "2");
        await folder.Database.WriteAsync(statements => statements.Run("ALTER TABLE messages RENAME TO hidden"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Queue.TryReceiveAsync(10, Stop));
        await folder.Database.WriteAsync(statements => statements.Run("ALTER TABLE hidden RENAME TO messages"));

        Assert.Equal(["1", "2"], await DrainAsync());
    }

    [Fact]
    public async Task A_settlement_that_cannot_be_written_leaves_the_message_uncounted()
    {
        await SendAsync("s", "1");
        await using (var lease = await ReceiveAsync())
        {
            await using var failing = await FailingWrites.BeginAsync(folder.Database);
            await Assert.ThrowsAsync<StoreUnavailableException>(
                () => lease.SettleAsync([new Settlement.GiveUp(lease.Messages[0].Sequence, new string('x', 1_000_000))], Stop));
        }

        await using var again = await ReceiveAsync();
        Assert.Equal(2, Assert.Single(again.Messages).DeliveryCount);
    }

    protected override IPulledMessageQueue OpenOnRealClock() => realClock = new SqliteMessageQueue(folder.Database, "real", TimeProvider.System);

    private async Task RestartAsync()
    {
        queue.Dispose();
        await folder.ReopenAsync();
        queue = new SqliteMessageQueue(folder.Database, "alerts", Clock);
    }
}
