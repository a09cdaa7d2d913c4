using Microsoft.Extensions.Logging;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Functions.Tests.ServiceBus;

/// <summary>What becomes of the message that a trigger hands over.</summary>
public sealed class TriggeredQueueTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly LoopbackQueue broker;
    private readonly LogRecorder log = new();
    private readonly Handler handler = new();
    private readonly LoopbackActions actions;
    private readonly TriggeredQueue queue;

    public TriggeredQueueTests()
    {
        broker = new LoopbackQueue(clock);
        actions = new LoopbackActions(broker);
        queue = new TriggeredQueue("alerts", handler, new LoopbackSender(broker), clock, log.For<TriggeredQueue>());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => log.Dispose();

    [Fact]
    public async Task A_message_is_handled_and_completed()
    {
        await SendAsync("shop", "1");
        await ReceiveAsync();
        Assert.Equal(["shop: 1"], handler.Calls);
        Assert.Equal(0, broker.Count);
    }

    [Fact]
    public async Task A_message_to_be_tried_later_comes_again_then_with_its_place_and_its_count()
    {
        await SendAsync("shop", "1");
        handler.Settle = message => new Settlement.Abandon(message.Sequence, "busy", TimeSpan.FromMinutes(1));
        await ReceiveAsync();
        var first = handler.Last;

        Assert.Null(broker.Receive());
        clock.Advance(TimeSpan.FromMinutes(1));
        handler.Settle = message => new Settlement.Complete(message.Sequence);
        await ReceiveAsync();
        Assert.Equal((first.Sequence, 2), (handler.Last.Sequence, handler.Last.DeliveryCount));
        Assert.Equal(0, broker.Count);
    }

    [Fact]
    public async Task A_message_that_fails_ten_times_becomes_a_dead_letter_that_says_why()
    {
        await SendAsync("shop", "1");
        handler.Fault = new InvalidOperationException("no luck");
        for (var delivery = 1; delivery <= QueueLimits.MaxDeliveries; delivery++)
        {
            Assert.Equal(1, broker.Count);
            await ReceiveAsync();
            clock.Advance(LeaseHandling.DelayAfterFault(delivery));
        }

        Assert.Equal(0, broker.Count);
        var letter = Assert.Single(broker.Dead(10, 0));
        Assert.Equal("InvalidOperationException: no luck", letter.DeadLetterReason);
        Assert.Equal(QueueLimits.MaxDeliveries, log.Entries.Count(entry => entry.Kind == (101, LogLevel.Error)));
    }

    [Fact]
    public async Task A_message_that_ends_the_process_each_time_is_given_up_without_another_try()
    {
        await SendAsync("shop", "1");
        for (var delivery = 1; delivery <= QueueLimits.MaxDeliveries; delivery++)
        {
            Assert.NotNull(broker.Receive());
        }

        await ReceiveAsync();
        Assert.Empty(handler.Calls);
        Assert.StartsWith("It was delivered 10 times and never settled", Assert.Single(broker.Dead(10, 0)).DeadLetterReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_store_is_away_a_message_comes_again_uncounted_and_not_in_a_spin()
    {
        await SendAsync("shop", "1");
        handler.Fault = new StoreUnavailableException("away");
        for (var turn = 0; turn < 3 * QueueLimits.MaxDeliveries; turn++)
        {
            var handling = ReceiveAsync();
            Assert.False(handling.IsCompleted);
            clock.Advance(TriggeredQueue.RestWithoutStore);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => handling);
        }

        Assert.Equal((1, 0), (broker.Count, broker.Dead(10, 0).Count));
        handler.Fault = null;
        await ReceiveAsync();
        Assert.Equal(1, handler.Last.DeliveryCount);
        Assert.Equal(0, broker.Count);
    }

    [Fact]
    public async Task A_settlement_that_fails_is_no_fault_of_the_message()
    {
        await SendAsync("shop", "1");
        actions.Fault = new IOException("the host is away");
        var handling = ReceiveAsync();
        clock.Advance(TriggeredQueue.RestWithoutStore);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => handling);

        await ReceiveAsync();
        Assert.Equal(1, handler.Last.DeliveryCount);
        Assert.Equal((0, 0), (broker.Count, broker.Dead(10, 0).Count));
        Assert.Empty(log.Entries);
    }

    [Fact]
    public async Task Settling_what_is_not_of_the_lease_or_settled_is_refused()
    {
        await SendAsync("shop", "1");
        var lease = new ServiceBusLease("alerts", broker.Receive()!, actions, new LoopbackSender(broker), clock);
        await Assert.ThrowsAsync<ArgumentException>(() => lease.SettleAsync([new Settlement.Complete(99)], Stop));
        await lease.SettleAsync([new Settlement.Complete(lease.Message.Sequence)], Stop);
        await Assert.ThrowsAsync<ArgumentException>(() => lease.SettleAsync([new Settlement.Complete(lease.Message.Sequence)], Stop));
    }

    private Task SendAsync(string session, params string[] ids) =>
        new ServiceBusMessageQueue("alerts", new LoopbackSender(broker), new DeadLetterReceiver(broker))
            .SendAsync([.. ids.Select(id => new QueueMessage(session, id, "{}"u8.ToArray()))], Stop);

    private Task ReceiveAsync() => queue.HandleAsync(broker.Receive()!, actions, Stop);

    private sealed class Handler : IMessageHandler
    {
        public List<string> Calls { get; } = [];

        public ReceivedMessage Last { get; private set; } = null!;

        public Exception? Fault { get; set; }

        public Func<ReceivedMessage, Settlement> Settle { get; set; } = message => new Settlement.Complete(message.Sequence);

        public Task<IReadOnlyList<Settlement>> HandleAsync(string sessionId, IReadOnlyList<ReceivedMessage> messages, CancellationToken cancellationToken)
        {
            Calls.Add($"{sessionId}: {string.Join(' ', messages.Select(message => message.MessageId))}");
            Last = messages[^1];
            if (Fault is { } fault)
            {
                throw fault;
            }

            return Task.FromResult<IReadOnlyList<Settlement>>([.. messages.Select(Settle)]);
        }
    }
}
