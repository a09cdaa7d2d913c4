using System.Text;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

public sealed class ServiceBusMessageQueueTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_carries_its_session_id_and_body_and_a_repeated_one_is_dropped()
    {
        await using var bus = new QueueOnBroker();
        await bus.Queue.SendAsync([new QueueMessage("shop", "1", "bödy"u8.ToArray()), new QueueMessage("shop", "1", "again"u8.ToArray())], Stop);
        await bus.Queue.SendAsync([new QueueMessage("shop", "1", "again"u8.ToArray())], Stop);
        var message = Assert.Single(await bus.Broker.MessagesAsync());
        Assert.Equal(("shop", "1", "bödy", "application/json"), (message.SessionId, message.MessageId, Encoding.UTF8.GetString(message.Body), message.ContentType));
        Assert.Equal("alerts", bus.Queue.Name);
    }

    [Fact]
    public async Task Nothing_to_send_asks_nothing_of_the_service()
    {
        await using var bus = new QueueOnBroker();
        bus.Broker.Wire.Refuses = true;
        await bus.Queue.SendAsync([], Stop);
    }

    [Fact]
    public async Task A_delayed_message_is_scheduled()
    {
        await using var bus = new QueueOnBroker();
        await bus.Queue.SendAsync([new QueueMessage("shop", "1", "x"u8.ToArray(), bus.Clock.GetUtcNow().AddMinutes(5))], Stop);
        Assert.False(await bus.Broker.HasMessageAsync());
        bus.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True(await bus.Broker.HasMessageAsync());
    }

    [Fact]
    public async Task Messages_go_in_as_many_batches_as_their_sizes_ask_for()
    {
        await using var bus = new QueueOnBroker(new() { MaxMessageBytes = 2000 });
        await bus.Queue.SendAsync([.. Enumerable.Range(0, 7).Select(number => new QueueMessage("shop", $"{number}", new byte[500]))], Stop);
        Assert.Equal(Enumerable.Range(0, 7).Select(number => $"{number}"), (await bus.Broker.MessagesAsync()).Select(message => message.MessageId));
    }

    [Fact]
    public async Task A_message_too_large_for_the_queue_is_refused_and_says_so()
    {
        await using var bus = new QueueOnBroker(new() { MaxMessageBytes = 1000 });
        var fault = await Assert.ThrowsAsync<ArgumentException>(() => bus.Queue.SendAsync([new QueueMessage("shop", "1", new byte[1001])], Stop));
        Assert.Contains("Message '1' has 1001 bytes, more than queue 'alerts' takes (1000).", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_ready_when_it_can_be_reached()
    {
        await using var bus = new QueueOnBroker();
        await bus.Queue.CheckAsync(Stop);
        bus.Broker.Faults.Always(FaultPoint.Request, new Fault(FaultKind.Refusal, "amqp:unauthorized-access"));
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => bus.Queue.CheckAsync(Stop));
        Assert.StartsWith("Service Bus queue 'alerts': reaching it failed: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("shop", "")]
    public async Task An_id_that_the_port_forbids_is_refused(string session, string id)
    {
        await using var bus = new QueueOnBroker();
        await Assert.ThrowsAsync<ArgumentException>(() => bus.Queue.SendAsync([new QueueMessage(session, id, "x"u8.ToArray())], Stop));
    }

    [Theory]
    // Whether dead letters are numbered anew isn't documented.
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dead_letters_are_listed_in_pages_and_one_can_be_put_back(bool renumbers)
    {
        await using var bus = new QueueOnBroker(new() { RenumbersDeadLetters = renumbers });
        await bus.SendAsync("shop", "m1", "m2", "m3", "m4", "m5");
        await bus.GiveUpAllAsync();

        var first = await bus.Queue.ListDeadLettersAsync(2, 0, Stop);
        Assert.Equal(["m1", "m2"], first.Select(letter => letter.Message.MessageId));
        Assert.Equal(("no use", bus.Clock.GetUtcNow(), 1), (first[0].Reason, first[0].At, first[0].Message.DeliveryCount));
        Assert.Equal(["m3", "m4", "m5"], (await bus.Queue.ListDeadLettersAsync(10, first[1].Sequence, Stop)).Select(letter => letter.Message.MessageId));

        var wanted = (await bus.Queue.ListDeadLettersAsync(10, 0, Stop))[3];
        Assert.True(await bus.Queue.RetryDeadLetterAsync(wanted.Sequence, Stop));
        Assert.Equal(["m1", "m2", "m3", "m5"], (await bus.Queue.ListDeadLettersAsync(10, 0, Stop)).Select(letter => letter.Message.MessageId));
        var again = await bus.ReceiveAsync();

        // In its old place as far as the handler sees, and with its deliveries at zero before this one.
        Assert.Equal((4L, "m4", 1), (again.Sequence, Encoding.UTF8.GetString(again.Body.Span), again.DeliveryCount));
        Assert.False(await bus.Queue.RetryDeadLetterAsync(wanted.Sequence, Stop));
    }

    [Fact]
    public async Task A_dead_letter_that_another_retry_holds_is_not_said_to_be_gone()
    {
        await using var bus = new QueueOnBroker();
        await bus.SendAsync("shop", "m1");
        await bus.GiveUpAllAsync();
        var letter = Assert.Single(await bus.Queue.ListDeadLettersAsync(10, 0, Stop));
        await bus.DeadLetters.ReceiveMessagesAsync(10, cancellationToken: Stop);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => bus.Queue.RetryDeadLetterAsync(letter.Sequence, Stop));
    }
}
