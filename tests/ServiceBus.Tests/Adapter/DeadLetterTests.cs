using Azure.Messaging.ServiceBus;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

/// <summary>Copies and dead letters stay the message that they were.</summary>
public sealed class DeadLetterTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<bool, bool> Options => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Z8_Later_copies_and_revived_dead_letters_keep_their_id_and_count(bool renumbers, bool countsDeadLettering)
    {
        await using var bus = new QueueOnBroker(new() { RenumbersDeadLetters = renumbers, CountsDeadLettering = countsDeadLettering });
        await bus.SendAsync("shop", "1");
        for (var copy = 0; copy < 3; copy++)
        {
            await bus.HandleAsync(new HandlerOf(message => new Settlement.Abandon(message.Sequence, "busy", TimeSpan.FromMinutes(1))));
            bus.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await bus.GiveUpAllAsync();
        var letter = Assert.Single(await bus.Queue.ListDeadLettersAsync(10, 0, Stop));
        Assert.Equal(("1", 4), (letter.Message.MessageId, letter.Message.DeliveryCount));

        Assert.True(await bus.Queue.RetryDeadLetterAsync(letter.Sequence, Stop));
        await bus.GiveUpAllAsync();
        letter = Assert.Single(await bus.Queue.ListDeadLettersAsync(10, 0, Stop));
        Assert.Equal(("1", 1), (letter.Message.MessageId, letter.Message.DeliveryCount));

        Assert.True(await bus.Queue.RetryDeadLetterAsync(letter.Sequence, Stop));
        var again = await bus.ReceiveAsync();
        Assert.Equal(("1", 1, 1L), (again.MessageId, again.DeliveryCount, again.Sequence));
    }

    [Fact]
    public async Task Z8_A_clone_that_the_portal_sends_of_a_dead_letter_counts_from_one()
    {
        await using var bus = new QueueOnBroker();
        await bus.SendAsync("shop", "1");

        // Three deliveries that don't count, and one that ends as a dead letter.
        for (var turn = 0; turn < 3; turn++)
        {
            await bus.HandleAsync(new HandlerOf(message => new Settlement.Abandon(message.Sequence, "away", IsCounted: false)));
        }

        await bus.GiveUpAllAsync();
        var letter = Assert.Single(await bus.Broker.DeadLettersAsync());
        var clone = new ServiceBusMessage(letter.Body) { MessageId = "clone", SessionId = letter.SessionId };
        foreach (var (name, value) in letter.Properties)
        {
            clone.ApplicationProperties[name] = value;
        }

        await bus.Sender.SendMessageAsync(clone, Stop);
        for (var delivery = 1; delivery <= 3; delivery++)
        {
            var handler = new HandlerOf(message => new Settlement.Abandon(message.Sequence, "no"));
            await bus.HandleAsync(handler);
            Assert.Equal(delivery, handler.Last!.DeliveryCount);
        }
    }

    [Theory]
    // Properties of elsewhere, and from before dead letters had theirs cleared.
    [InlineData(5L, 1)]
    [InlineData(-2L, 3)]
    [InlineData(-4_000_000_000L, int.MaxValue)]
    public void Z8_A_delivery_counts_from_one_whatever_a_message_brings(long uncounted, int count)
    {
        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(
            deliveryCount: 1, properties: new Dictionary<string, object>(StringComparer.Ordinal) { [MessageProperties.Uncounted] = uncounted });
        Assert.Equal(count, MessageProperties.Read(message).DeliveryCount);
    }

    [Fact]
    public async Task Z8_A_dead_letters_count_stands_however_often_others_are_retried()
    {
        await using var bus = new QueueOnBroker();
        await bus.SendAsync("shop", [.. Enumerable.Range(1, 5).Select(number => $"m{number}")]);
        await bus.GiveUpAllAsync();
        foreach (var letter in (await bus.Queue.ListDeadLettersAsync(10, 0, Stop)).Reverse().Take(4))
        {
            Assert.True(await bus.Queue.RetryDeadLetterAsync(letter.Sequence, Stop));
        }

        Assert.Equal(1, Assert.Single(await bus.Queue.ListDeadLettersAsync(10, 0, Stop)).Message.DeliveryCount);
    }

    [Theory]
    // Those before the wanted one must be taken; those behind it and itself need not.
    [InlineData(1, 0)]
    [InlineData(3, 2)]
    [InlineData(50, 49)]
    public async Task Z8_A_retry_delivers_none_of_those_behind_it(int wanted, int delivered)
    {
        await using var bus = new QueueOnBroker();
        await bus.SendAsync("shop", [.. Enumerable.Range(1, 50).Select(number => $"m{number}")]);
        await bus.GiveUpAllAsync();
        var before = (await bus.Broker.DeadLettersAsync()).Sum(letter => letter.Failures);

        var letter = (await bus.Queue.ListDeadLettersAsync(50, 0, Stop))[wanted - 1];
        Assert.True(await bus.Queue.RetryDeadLetterAsync(letter.Sequence, Stop));

        var left = await bus.Broker.DeadLettersAsync();
        Assert.Equal((49, before - 1 + delivered), (left.Count, left.Sum(other => other.Failures)));
        Assert.All(left, other => Assert.True(other.Failures <= 2));
    }

    [Fact]
    public async Task Z8_A_retry_of_what_is_not_there_delivers_nothing()
    {
        await using var bus = new QueueOnBroker();
        await bus.SendAsync("shop", "1", "2");
        await bus.GiveUpAllAsync();
        var before = await bus.Broker.DeadLettersAsync();
        Assert.False(await bus.Queue.RetryDeadLetterAsync(99, Stop));
        Assert.False(await bus.Queue.RetryDeadLetterAsync(0, Stop));
        Assert.Equal(before.Select(letter => letter.Failures), (await bus.Broker.DeadLettersAsync()).Select(letter => letter.Failures));
    }

    [Fact]
    public async Task Z8_The_broker_s_own_dead_letters_are_shown_with_its_reason_and_count()
    {
        await using var bus = new QueueOnBroker(new BrokerOptions { MaxDeliveryCount = 2 });
        await bus.SendAsync("shop", "1");
        for (var delivery = 0; delivery < 2; delivery++)
        {
            await bus.HandleAsync(new HandlerOf(message => new Settlement.Abandon(message.Sequence, "no")));
        }

        var letter = Assert.Single(await bus.Queue.ListDeadLettersAsync(10, 0, Stop));
        Assert.Equal(("1", 2, "MaxDeliveryCountExceeded"), (letter.Message.MessageId, letter.Message.DeliveryCount, letter.Reason));
    }
}
