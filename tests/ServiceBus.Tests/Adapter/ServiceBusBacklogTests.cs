using Azure.Messaging.ServiceBus;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

public sealed class ServiceBusBacklogTests
{
    [Fact]
    public async Task F8_The_backlog_shows_what_was_sent_first_and_takes_nothing()
    {
        await using var bus = new QueueOnBroker();
        var backlog = new ServiceBusBacklog("alerts", bus.Client.CreateReceiver("alerts", new ServiceBusReceiverOptions()), bus.Time);
        Assert.Null(await backlog.OldestAsync(TestContext.Current.CancellationToken));
        await bus.SendAsync("a", "1");
        await bus.SendAsync("b", "2");
        var oldest = await backlog.OldestAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("a", "1"), (oldest!.SessionId, oldest.MessageId));

        Assert.Equal("1", (await bus.ReceiveAsync()).MessageId);
        Assert.Equal("2", (await bus.ReceiveAsync()).MessageId);
        Assert.Null(await backlog.OldestAsync(TestContext.Current.CancellationToken));
    }
}
