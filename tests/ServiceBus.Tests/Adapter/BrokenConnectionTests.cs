using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

/// <summary>The app's sender and receiver after their connection broke. Real time, as the client's own waits are real.</summary>
public sealed class BrokenConnectionTests : IAsyncLifetime
{
    private readonly QueueOnBroker bus = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bus.DisposeAsync();

    [Fact]
    public async Task G_Sender_and_receiver_go_on_after_a_cut_between_their_calls()
    {
        await bus.SendAsync("shop", "1", "2");
        await bus.GiveUpAllAsync();
        for (var cut = 0; cut < 3; cut++)
        {
            bus.Broker.Wire.Cut();
            await bus.SendAsync("shop", $"again-{cut}");
            bus.Broker.Wire.Cut();
            Assert.Equal(2, (await bus.Queue.ListDeadLettersAsync(10, 0, Stop)).Count);
        }

        Assert.Equal(3, (await bus.Broker.MessagesAsync()).Count);
        bus.Broker.Wire.Cut();
        Assert.True(await bus.Queue.RetryDeadLetterAsync((await bus.Queue.ListDeadLettersAsync(10, 0, Stop))[1].Sequence, Stop));
    }

    [Theory]
    // The message was lost on its way; the answer was.
    [InlineData(FaultKind.Cut)]
    [InlineData(FaultKind.Detach)]
    public async Task G_A_send_that_loses_its_connection_is_sent_once_all_the_same(FaultKind kind)
    {
        bus.Broker.Faults.Next(FaultPoint.Send, new Fault(kind, "amqp:internal-error"));
        await bus.SendAsync("shop", "1");
        Assert.Single(await bus.Broker.MessagesAsync());
    }

    [Fact]
    public async Task G_A_cut_with_many_calls_in_flight_holds_none_of_them_and_none_after_it()
    {
        await bus.SendAsync("shop", "first");
        bus.Broker.Faults.Always(FaultPoint.Send, new Fault(FaultKind.Silence));
        bus.Broker.Faults.Always(FaultPoint.Request, new Fault(FaultKind.Silence));
        var calls = Enumerable.Range(0, 20).Select(number => number % 4 == 0 ? bus.Queue.CheckAsync(Stop) : bus.SendAsync("shop", $"{number}")).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Stop);
        Assert.All(calls, call => Assert.False(call.IsCompleted));

        bus.Broker.Faults.Clear();
        bus.Broker.Wire.Cut();

        await Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Stop);
        await bus.SendAsync("shop", "last");
        Assert.Equal(17, (await bus.Broker.MessagesAsync()).Count);
    }

    [Fact]
    public async Task G_While_the_port_refuses_the_store_is_unavailable_and_then_it_is_back()
    {
        await bus.SendAsync("shop", "1");
        bus.Broker.Wire.Refuses = true;
        bus.Broker.Wire.Cut();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => bus.SendAsync("shop", "2"));
        bus.Broker.Wire.Refuses = false;
        await bus.SendAsync("shop", "2");
        Assert.Equal(2, (await bus.Broker.MessagesAsync()).Count);
    }
}
