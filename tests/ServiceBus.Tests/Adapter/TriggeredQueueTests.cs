using Azure.Messaging.ServiceBus;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

/// <summary>What becomes of the message that a trigger hands over.</summary>
public sealed class TriggeredQueueTests : IAsyncLifetime
{
    private readonly QueueOnBroker bus = new();
    private readonly HandlerOf handler = new(message => new Settlement.Complete(message.Sequence));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bus.DisposeAsync();

    [Fact]
    public async Task A_message_is_handled_and_completed()
    {
        await bus.SendAsync("shop", "1");
        Assert.True(await bus.HandleAsync(handler));
        Assert.Equal(["shop: 1"], handler.Calls);
        Assert.Empty(await bus.Broker.MessagesAsync());
    }

    [Fact]
    public async Task A_message_to_be_tried_later_comes_again_then_with_its_place_and_its_count()
    {
        await bus.SendAsync("shop", "1");
        handler.Settle = message => new Settlement.Abandon(message.Sequence, "busy", TimeSpan.FromMinutes(1));
        await bus.HandleAsync(handler);
        var first = handler.Last!;

        Assert.False(await bus.HandleAsync(handler));
        bus.Clock.Advance(TimeSpan.FromMinutes(1));
        var again = await bus.ReceiveAsync();
        Assert.Equal((first.Sequence, 2), (again.Sequence, again.DeliveryCount));
        Assert.Empty(await bus.Broker.MessagesAsync());
    }

    [Theory]
    // Whether the delivery at which a message becomes a dead letter counts isn't documented.
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_fails_ten_times_becomes_a_dead_letter_that_says_why(bool counts)
    {
        await using var other = new QueueOnBroker(new() { CountsDeadLettering = counts });
        await other.SendAsync("shop", "1");
        handler.Fault = new InvalidOperationException("no luck");
        for (var delivery = 1; delivery <= QueueLimits.MaxDeliveries; delivery++)
        {
            Assert.True(await HandleToTheEndAsync(other));
        }

        Assert.False(await other.HandleAsync(handler));
        var letter = Assert.Single(await other.Queue.ListDeadLettersAsync(10, 0, Stop));
        Assert.Equal(("InvalidOperationException: no luck", QueueLimits.MaxDeliveries), (letter.Reason, letter.Message.DeliveryCount));
    }

    [Fact]
    public async Task F4_A_message_whose_handling_failed_keeps_its_place_and_its_session_waits_with_the_call()
    {
        await bus.SendAsync("shop", "1", "2");
        handler.Fault = new InvalidOperationException("a fault that passes");
        var begun = bus.Clock.GetUtcNow();
        Assert.True(await HandleToTheEndAsync(bus));
        Assert.Equal(LeaseHandling.DelayAfterFault(1), bus.Clock.GetUtcNow() - begun);

        handler.Fault = null;
        Assert.True(await bus.HandleAsync(handler));
        Assert.Equal(("1", 2), (handler.Last!.MessageId, handler.Last.DeliveryCount));
        Assert.True(await bus.HandleAsync(handler));
        Assert.Equal(["shop: 1", "shop: 1", "shop: 2"], handler.Calls);
    }

    [Fact]
    public async Task While_the_store_is_away_a_message_comes_again_uncounted_and_not_in_a_spin()
    {
        await bus.SendAsync("shop", "1");
        handler.Fault = new StoreUnavailableException("away");
        for (var turn = 0; turn < QueueLimits.MaxDeliveries + 5; turn++)
        {
            Assert.True(await bus.Trigger.RunAsync((message, actions) => RestAsync(message, actions)));
        }

        Assert.Empty(await bus.Broker.DeadLettersAsync());
        Assert.Equal(1, (await bus.ReceiveAsync()).DeliveryCount);
        Assert.Empty(await bus.Broker.MessagesAsync());
    }

    [Fact]
    public async Task A_settlement_that_fails_is_no_fault_of_the_message()
    {
        await bus.SendAsync("shop", "1");
        await bus.Trigger.RunAsync((message, actions) =>
        {
            ((ReceiverActions)actions).Fault = new IOException("the host is away");
            return RestAsync(message, actions);
        });

        Assert.Equal(1, (await bus.ReceiveAsync()).DeliveryCount);
        Assert.Empty(await bus.Broker.MessagesAsync());
        Assert.Empty(await bus.Broker.DeadLettersAsync());
    }

    [Fact]
    public async Task Z8_A_later_copy_that_was_taken_and_whose_answer_was_lost_is_not_sent_twice()
    {
        await bus.SendAsync("shop", "1");
        handler.Settle = message => new Settlement.Abandon(message.Sequence, "busy", TimeSpan.FromMinutes(1));
        bus.Broker.Faults.Next(FaultPoint.Send, new Fault(FaultKind.LostAnswer));
        await bus.Trigger.RunAsync(async (message, actions) =>
        {
            var handling = bus.HandleAsync(message, actions, handler);
            while (await bus.Broker.NextScheduledAsync() is null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
            }

            await Assert.ThrowsAsync<StoreUnavailableException>(() => PassAsync(bus, handling));
        });

        await bus.HandleAsync(handler);
        bus.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(("1", 2), ((await bus.ReceiveAsync()).MessageId, handler.Calls.Count));
        Assert.Empty(await bus.Broker.MessagesAsync());
    }

    [Fact]
    public async Task Settling_what_is_not_of_the_lease_or_settled_is_refused()
    {
        await bus.SendAsync("shop", "1");
        await bus.Trigger.RunAsync(async (message, actions) =>
        {
            var lease = new ServiceBusLease("alerts", message, actions, bus.Sender, bus.Clock);
            await Assert.ThrowsAsync<ArgumentException>(() => lease.SettleAsync([new Settlement.Complete(99)], Stop));
            await lease.SettleAsync([new Settlement.Complete(lease.Message.Sequence)], Stop);
            await Assert.ThrowsAsync<ArgumentException>(() => lease.SettleAsync([new Settlement.Complete(lease.Message.Sequence)], Stop));
        });
    }

    /// <summary>The function keeps its session for a while after a fault; what else waits on the clock, as a lock does, is not passed.</summary>
    private Task<bool> HandleToTheEndAsync(QueueOnBroker on) =>
        on.Trigger.RunAsync((message, actions) => PassAsync(on, on.HandleAsync(message, actions, handler)));

    private static async Task PassAsync(QueueOnBroker on, Task handling)
    {
        while (!handling.IsCompleted)
        {
            if (on.Clock.NextDue is { } due && due <= on.Clock.GetUtcNow() + TriggeredQueue.LongestHold)
            {
                on.Clock.AdvanceTo(due);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
        }

        await handling;
    }

    /// <summary>The function ends only after its rest.</summary>
    private async Task RestAsync(ServiceBusReceivedMessage message, Microsoft.Azure.Functions.Worker.ServiceBusMessageActions actions)
    {
        var handling = bus.HandleAsync(message, actions, handler);
        while (bus.Clock.NextDue is not { } due || due > bus.Clock.GetUtcNow() + TriggeredQueue.RestWithoutStore)
        {
            Assert.False(handling.IsCompleted);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
        }

        bus.Clock.Advance(TriggeredQueue.RestWithoutStore);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => handling);
    }
}
