using System.Text;
using Azure.Messaging.ServiceBus;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Functions.Tests.ServiceBus;

public sealed class ServiceBusMessageQueueTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly LoopbackQueue broker;
    private readonly DeadLetterReceiver deadLetters;
    private readonly ServiceBusMessageQueue queue;

    public ServiceBusMessageQueueTests()
    {
        broker = new LoopbackQueue(clock);
        deadLetters = new DeadLetterReceiver(broker);
        queue = new ServiceBusMessageQueue("alerts", new LoopbackSender(broker), deadLetters);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_carries_its_session_id_and_body_and_a_repeated_one_is_dropped()
    {
        await queue.SendAsync([new QueueMessage("shop", "1", "bödy"u8.ToArray()), new QueueMessage("shop", "1", "again"u8.ToArray())], Stop);
        await queue.SendAsync([new QueueMessage("shop", "1", "again"u8.ToArray())], Stop);
        var message = Assert.Single(broker.ReceiveAll());
        Assert.Equal(("shop", "1", "bödy"), (message.SessionId, message.MessageId, message.Body.ToString()));
        Assert.Equal("alerts", queue.Name);
    }

    [Fact]
    public async Task Nothing_to_send_asks_nothing_of_the_service()
    {
        await queue.SendAsync([], Stop);
        Assert.Empty(broker.Batches);
    }

    [Fact]
    public async Task A_delayed_message_is_scheduled()
    {
        await queue.SendAsync([new QueueMessage("shop", "1", "x"u8.ToArray(), clock.GetUtcNow().AddMinutes(5))], Stop);
        Assert.Null(broker.Receive());
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(broker.Receive());
    }

    [Fact]
    public async Task Messages_go_in_as_many_batches_as_their_sizes_ask_for()
    {
        broker.MaxBatchBytes = 1000;
        await queue.SendAsync([.. Enumerable.Range(0, 7).Select(number => new QueueMessage("shop", $"{number}", new byte[300]))], Stop);
        Assert.Equal([3, 3, 1], broker.Batches);
    }

    [Fact]
    public async Task A_message_too_large_for_the_queue_is_refused_and_says_so()
    {
        broker.MaxBatchBytes = 1000;
        var fault = await Assert.ThrowsAsync<ArgumentException>(() => queue.SendAsync([new QueueMessage("shop", "1", new byte[1001])], Stop));
        Assert.StartsWith("Message '1' has 1001 bytes, more than queue 'alerts' takes (1000).", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    // Busy, unreachable, full, or not allowed in: nothing was accepted, and the sender may try again.
    [InlineData(ServiceBusFailureReason.ServiceBusy)]
    [InlineData(ServiceBusFailureReason.ServiceCommunicationProblem)]
    [InlineData(ServiceBusFailureReason.QuotaExceeded)]
    [InlineData(ServiceBusFailureReason.MessagingEntityNotFound)]
    public async Task A_fault_of_the_service_is_a_store_that_is_unavailable(ServiceBusFailureReason reason)
    {
        broker.SendFaults.Enqueue(new ServiceBusException(isTransient: true, "no luck", "alerts", reason));
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => queue.SendAsync([new QueueMessage("shop", "1", "x"u8.ToArray())], Stop));
        Assert.StartsWith("Service Bus queue 'alerts': sending failed: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_ready_when_it_can_be_reached()
    {
        await queue.CheckAsync(Stop);
        broker.LinkFault = new UnauthorizedAccessException("no role");
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => queue.CheckAsync(Stop));
        Assert.StartsWith("Service Bus queue 'alerts': reaching it failed: no role", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("shop", "")]
    public Task An_id_that_the_port_forbids_is_refused(string session, string id) =>
        Assert.ThrowsAsync<ArgumentException>(() => queue.SendAsync([new QueueMessage(session, id, "x"u8.ToArray())], Stop));

    [Fact]
    public async Task Dead_letters_are_listed_in_pages_and_one_can_be_put_back()
    {
        await queue.SendAsync([.. Enumerable.Range(1, 5).Select(number => new QueueMessage("shop", $"m{number}", Encoding.UTF8.GetBytes($"{number}")))], Stop);
        await GiveUpAllAsync();

        var first = await queue.ListDeadLettersAsync(2, 0, Stop);
        Assert.Equal(["m1", "m2"], first.Select(letter => letter.Message.MessageId));
        Assert.Equal(("no use", clock.GetUtcNow(), 1), (first[0].Reason, first[0].At, first[0].Message.DeliveryCount));
        Assert.Equal(["m3", "m4", "m5"], (await queue.ListDeadLettersAsync(10, first[1].Sequence, Stop)).Select(letter => letter.Message.MessageId));

        var wanted = (await queue.ListDeadLettersAsync(10, 0, Stop))[3];
        Assert.True(await queue.RetryDeadLetterAsync(wanted.Sequence, Stop));
        Assert.Equal(["m1", "m2", "m3", "m5"], (await queue.ListDeadLettersAsync(10, 0, Stop)).Select(letter => letter.Message.MessageId));
        var again = MessageProperties.Read(Assert.Single(broker.ReceiveAll()));

        // In its old place as far as the handler sees, and with its deliveries at zero before this one.
        Assert.Equal((4L, "4", 1), (again.Sequence, Encoding.UTF8.GetString(again.Body.Span), again.DeliveryCount));
        Assert.False(await queue.RetryDeadLetterAsync(wanted.Sequence, Stop));
    }

    [Fact]
    public async Task A_dead_letter_that_another_retry_holds_is_not_said_to_be_gone()
    {
        await queue.SendAsync([new QueueMessage("shop", "m1", "1"u8.ToArray())], Stop);
        await GiveUpAllAsync();
        var letter = Assert.Single(await queue.ListDeadLettersAsync(10, 0, Stop));
        await deadLetters.ReceiveMessagesAsync(10, cancellationToken: Stop);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => queue.RetryDeadLetterAsync(letter.Sequence, Stop));
    }

    private async Task GiveUpAllAsync()
    {
        while (broker.Receive() is { } message)
        {
            var lease = new ServiceBusLease("alerts", message, new LoopbackActions(broker), new LoopbackSender(broker), clock);
            await lease.SettleAsync([new Settlement.GiveUp(lease.Message.Sequence, "no use")], Stop);
        }
    }
}
