using Azure.Messaging.ServiceBus;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

/// <summary>Messages whose handling ends with the whole host, and that with its connection.</summary>
public sealed class DeliveryAttemptsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What Service Bus counts when a connection breaks isn't documented.</summary>
    public static TheoryData<bool, bool> Counting => new()
    {
        // Nothing: the session just ends.
        { false, false },
        // The end of the session.
        { true, false },
        // The lock's expiry, some minutes later.
        { false, true },
    };

    [Theory]
    [MemberData(nameof(Counting))]
    public async Task Z7_A_message_that_kills_its_host_each_time_is_given_up_without_another_try(bool countsEnded, bool keepsLocks)
    {
        await using var bus = new QueueOnBroker(new() { CountsEndedSessions = countsEnded, KeepsLocksOfBrokenConnections = keepsLocks });
        await bus.SendAsync("shop", "killer", "next");
        for (var delivery = 1; delivery <= QueueLimits.MaxDeliveries; delivery++)
        {
            Assert.Equal(("killer", delivery), await DieAsync(bus, keepsLocks));
        }

        var handler = new HandlerOf(message => new Settlement.Complete(message.Sequence));
        Assert.True(await bus.HandleAsync(handler));
        Assert.Empty(handler.Calls);
        var letter = Assert.Single(await bus.Queue.ListDeadLettersAsync(10, 0, Stop));
        Assert.Equal("killer", letter.Message.MessageId);
        Assert.StartsWith("It was delivered 10 times and never settled", letter.Reason, StringComparison.Ordinal);

        // The next isn't to blame.
        Assert.True(await bus.HandleAsync(handler));
        Assert.Equal(("shop: next", 1), (Assert.Single(handler.Calls), handler.Last!.DeliveryCount));
    }

    [Theory]
    [MemberData(nameof(Counting))]
    public async Task Z7_Deaths_faults_and_an_absent_store_are_counted_together(bool countsEnded, bool keepsLocks)
    {
        await using var bus = new QueueOnBroker(new() { CountsEndedSessions = countsEnded, KeepsLocksOfBrokenConnections = keepsLocks });
        await bus.SendAsync("shop", "1");
        await DieAsync(bus, keepsLocks);
        await DieAsync(bus, keepsLocks);

        // An absent store counts nothing; twice it gives the message back in its place.
        await bus.HandleAsync(new HandlerOf(message => new Settlement.Abandon(message.Sequence, "away", IsCounted: false)));
        await bus.HandleAsync(new HandlerOf(message => new Settlement.Abandon(message.Sequence, "away", IsCounted: false)));
        Assert.Equal(("1", 3), await DieAsync(bus, keepsLocks));

        // A fault counts, and what comes later knows of all.
        var handler = new HandlerOf(message => new Settlement.Abandon(message.Sequence, "busy", TimeSpan.FromMinutes(1)));
        await bus.HandleAsync(handler);
        Assert.Equal(4, handler.Last!.DeliveryCount);
        bus.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(("1", 5), await DieAsync(bus, keepsLocks));
        Assert.Equal(6, (await bus.ReceiveAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Z7_A_message_that_was_handled_leaves_no_row()
    {
        var table = new InMemoryEntityTable();
        await using var bus = new QueueOnBroker { Table = table };
        await bus.SendAsync("shop", "1");
        await DieAsync(bus, keepsLocks: false);
        Assert.Single(await table.QueryAsync("attempts|alerts", RowKeyRange.All, Stop));
        await bus.ReceiveAsync();
        Assert.Empty(await table.QueryAsync("attempts|alerts", RowKeyRange.All, Stop));
    }

    [Fact]
    public async Task Z7_Where_the_table_is_away_nobody_sees_the_message_and_it_comes_again_uncounted()
    {
        await using var bus = new QueueOnBroker { Table = new AbsentTable() };
        await bus.SendAsync("shop", "1");
        var handler = new HandlerOf(message => new Settlement.Complete(message.Sequence));
        for (var turn = 0; turn < 3; turn++)
        {
            await bus.Trigger.RunAsync(async (message, actions) =>
            {
                var handling = bus.HandleAsync(message, actions, handler);
                while (!handling.IsCompleted)
                {
                    bus.Clock.Advance(TimeSpan.FromSeconds(1));
                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
                }

                await Assert.ThrowsAsync<StoreUnavailableException>(() => handling);
            });
        }

        Assert.Empty(handler.Calls);
        bus.Table = new InMemoryEntityTable();
        Assert.Equal(1, (await bus.ReceiveAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Z7_One_that_lost_its_session_and_ends_late_leaves_the_row_of_the_next()
    {
        var table = new InMemoryEntityTable();
        var attempts = new DeliveryAttempts("alerts", table);
        var (first, second) = (DeliveryOf(1, count: 1), DeliveryOf(1, count: 2));
        await attempts.BeginAsync(first, Stop);
        Assert.Equal(0, await attempts.BeginAsync(second, Stop));
        await attempts.EndAsync(first);

        // The second dies, and whoever comes next knows it.
        Assert.Equal(1, await attempts.BeginAsync(DeliveryOf(1, count: 2), Stop));
    }

    [Fact]
    public async Task Z7_A_row_whose_answer_was_lost_goes_with_its_delivery()
    {
        var table = new InMemoryEntityTable();
        var attempts = new DeliveryAttempts("alerts", new MuteTable(table));
        var delivery = DeliveryOf(1, count: 1);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => attempts.BeginAsync(delivery, Stop));
        await attempts.EndAsync(delivery);
        Assert.Equal(0, await new DeliveryAttempts("alerts", table).BeginAsync(DeliveryOf(1, count: 1), Stop));
    }

    [Theory]
    // The service counted nothing since: this one was missed.
    [InlineData(1, 0, 1, 1)]
    [InlineData(3, 2, 3, 3)]
    // The service counted the earlier one itself.
    [InlineData(1, 0, 2, 0)]
    [InlineData(1, 2, 2, 2)]
    public void Z7_A_delivery_was_missed_where_the_services_count_stands(int before, int missedBefore, int now, int missed) =>
        Assert.Equal(missed, DeliveryAttempts.Missed(new DeliveryAttempts.Attempt(before, missedBefore), now));

    /// <summary>A host takes the next message and dies with it in hand. Gives its id and which delivery the handler saw.</summary>
    private static async Task<(string Id, int Delivery)> DieAsync(QueueOnBroker bus, bool keepsLocks)
    {
        await using var host = new ServiceBusClient(bus.Broker.ConnectionString, ServiceBusConnection.Options());
        var receiver = await host.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        var message = await receiver.ReceiveMessageAsync(cancellationToken: Stop);
        var handler = new Killer();
        _ = bus.HandleAsync(message, new ReceiverActions(receiver), handler);
        var seen = await handler.Seen.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop);

        bus.Broker.Wire.Cut();
        if (keepsLocks)
        {
            bus.Clock.Advance(new BrokerOptions().LockDuration);
        }

        await bus.Broker.WaitForSessionAsync(message.SessionId);
        return (seen.MessageId, seen.DeliveryCount);
    }

    private static DeliveryAttempts.Delivery DeliveryOf(long sequence, int count) =>
        new(ServiceBusModelFactory.ServiceBusReceivedMessage(sequenceNumber: sequence, deliveryCount: count));

    private sealed class Killer : IMessageHandler
    {
        public TaskCompletionSource<ReceivedMessage> Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<IReadOnlyList<Settlement>> HandleAsync(string sessionId, IReadOnlyList<ReceivedMessage> messages, CancellationToken cancellationToken)
        {
            Seen.SetResult(messages[0]);
            await new TaskCompletionSource().Task;
            return [];
        }
    }

    private sealed class AbsentTable : IEntityTable
    {
        public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default) => throw new StoreUnavailableException("away");

        public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default) =>
            throw new StoreUnavailableException("away");

        public Task<CommitOutcome> CommitAsync(string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default) =>
            throw new StoreUnavailableException("away");
    }

    /// <summary>Does the first write and loses its answer.</summary>
    private sealed class MuteTable(IEntityTable inner) : IEntityTable
    {
        private bool wasMute;

        public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default) =>
            inner.GetAsync(partitionKey, rowKey, cancellationToken);

        public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default) =>
            inner.QueryAsync(partitionKey, range, cancellationToken);

        public async Task<CommitOutcome> CommitAsync(string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
        {
            var outcome = await inner.CommitAsync(partitionKey, writes, cancellationToken);
            return wasMute ? outcome : throw Mute();
        }

        private StoreUnavailableException Mute()
        {
            wasMute = true;
            return new StoreUnavailableException("The answer was lost.");
        }
    }
}
