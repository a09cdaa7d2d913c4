using Azure.Messaging.ServiceBus;
using Pipeline.Tests.ServiceBus;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Loopback;

/// <summary>The broker behaves as the documentation of Service Bus says, seen through the official client.</summary>
public sealed class LoopbackBrokerTests : IAsyncDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly List<IAsyncDisposable> open = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in Enumerable.Reverse(open))
        {
            await opened.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_message_comes_as_it_was_sent_and_is_gone_when_it_was_completed()
    {
        var (broker, client) = Start();
        await client.CreateSender("alerts").SendMessageAsync(
            new ServiceBusMessage("bödy") { MessageId = "1", SessionId = "shop", ApplicationProperties = { ["n"] = 7L } }, Stop);

        var receiver = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        var message = await receiver.ReceiveMessageAsync(cancellationToken: Stop);

        Assert.Equal(("shop", clock.GetUtcNow().AddMinutes(5)), (receiver.SessionId, receiver.SessionLockedUntil));
        Assert.Equal(("1", "shop", "bödy", 7L), (message.MessageId, message.SessionId, message.Body.ToString(), message.ApplicationProperties["n"]));
        Assert.Equal((1, 1L, clock.GetUtcNow()), (message.DeliveryCount, message.SequenceNumber, message.EnqueuedTime));
        await receiver.CompleteMessageAsync(message, Stop);
        Assert.Empty(await broker.MessagesAsync());
    }

    [Fact]
    public async Task A_session_has_one_receiver_and_the_next_session_is_another()
    {
        var (_, client) = Start();
        await SendAsync(client, "a", "1", "2");
        await SendAsync(client, "b", "3");

        var a = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        var b = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);

        Assert.Equal(("a", "b"), (a.SessionId, b.SessionId));
        Assert.Equal(ServiceBusFailureReason.ServiceTimeout, await ReasonAsync(() => client.AcceptNextSessionAsync("alerts", cancellationToken: Stop)));
        Assert.Equal(ServiceBusFailureReason.SessionCannotBeLocked, await ReasonAsync(() => client.AcceptSessionAsync("alerts", "a", cancellationToken: Stop)));
        Assert.Equal(["1", "2"], await ReceiveAsync(a, 2));
        await a.CloseAsync(Stop);
        Assert.Equal("a", (await client.AcceptSessionAsync("alerts", "a", cancellationToken: Stop)).SessionId);
    }

    [Fact]
    public async Task A_receiver_that_waits_for_a_session_gets_the_one_that_becomes_ready()
    {
        var (_, client) = Start(new() { AnswersWithoutSessionAtOnce = false });
        var waiting = client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        await SendAsync(client, "a", "1");
        Assert.Equal("a", (await waiting).SessionId);
    }

    [Fact]
    public async Task An_abandoned_message_comes_again_first_and_is_counted_with_what_was_added()
    {
        var (_, client) = Start();
        await SendAsync(client, "a", "1", "2");
        var receiver = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        var first = await receiver.ReceiveMessageAsync(cancellationToken: Stop);
        await receiver.AbandonMessageAsync(first, new Dictionary<string, object> { ["why"] = "busy" }, Stop);

        var again = await receiver.ReceiveMessageAsync(cancellationToken: Stop);

        Assert.Equal(("1", 2, "busy"), (again.MessageId, again.DeliveryCount, again.ApplicationProperties["why"]));
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    public async Task A_message_that_failed_too_often_becomes_a_dead_letter(bool renumbers, int max)
    {
        var (broker, client) = Start(new() { MaxDeliveryCount = max, RenumbersDeadLetters = renumbers });
        await SendAsync(client, "a", "1");
        var receiver = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        for (var delivery = 0; delivery < max; delivery++)
        {
            await receiver.AbandonMessageAsync(await receiver.ReceiveMessageAsync(cancellationToken: Stop), cancellationToken: Stop);
        }

        var letter = Assert.Single(await DeadLetters(client).PeekMessagesAsync(10, 0, Stop));
        Assert.Equal(("1", "MaxDeliveryCountExceeded", max), (letter.MessageId, letter.DeadLetterReason, letter.DeliveryCount));
        Assert.Equal(renumbers, letter.SequenceNumber != 1);
        Assert.Empty(await broker.MessagesAsync());
    }

    [Fact]
    public async Task A_dead_letter_says_why_and_is_received_without_a_session()
    {
        var (broker, client) = Start();
        await SendAsync(client, "a", "1");
        var receiver = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        await receiver.DeadLetterMessageAsync(
            await receiver.ReceiveMessageAsync(cancellationToken: Stop), new Dictionary<string, object> { ["at"] = 5L }, "no use", "none", Stop);

        var dead = DeadLetters(client);
        var letter = await dead.ReceiveMessageAsync(cancellationToken: Stop);

        Assert.Equal(("no use", "none", 5L), (letter.DeadLetterReason, letter.DeadLetterErrorDescription, letter.ApplicationProperties["at"]));
        clock.Advance(TimeSpan.FromMinutes(4));
        await dead.RenewMessageLockAsync(letter, Stop);
        Assert.Equal(clock.GetUtcNow().AddMinutes(5), letter.LockedUntil);
        clock.Advance(TimeSpan.FromMinutes(4));
        await dead.CompleteMessageAsync(letter, Stop);
        Assert.Empty(await broker.DeadLettersAsync());
    }

    [Fact]
    public async Task A_scheduled_message_is_appended_when_it_falls_due()
    {
        var (broker, client) = Start();
        var due = clock.GetUtcNow().AddMinutes(5);
        await client.CreateSender("alerts").SendMessageAsync(new ServiceBusMessage("x") { MessageId = "1", SessionId = "a", ScheduledEnqueueTime = due }, Stop);
        await SendAsync(client, "a", "2");
        Assert.Equal(due, await broker.NextScheduledAsync());

        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal([("2", 1L), ("1", 2L)], (await broker.MessagesAsync()).Select(message => (message.MessageId, message.Sequence)));
    }

    [Fact]
    public async Task An_id_is_remembered_as_long_as_the_window_is()
    {
        var (broker, client) = Start();
        await SendAsync(client, "a", "1", "1");
        await SendAsync(client, "b", "1");
        Assert.Single(await broker.MessagesAsync());

        clock.Advance(TimeSpan.FromMinutes(10));
        await SendAsync(client, "a", "1");
        Assert.Equal(2, (await broker.MessagesAsync()).Count);
    }

    [Fact]
    public async Task A_lock_that_expired_is_lost_and_counts()
    {
        var (broker, client) = Start();
        await SendAsync(client, "a", "1");
        var receiver = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        var message = await receiver.ReceiveMessageAsync(cancellationToken: Stop);
        clock.Advance(TimeSpan.FromMinutes(4));
        await receiver.RenewSessionLockAsync(Stop);
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(0, Assert.Single(await broker.MessagesAsync()).Failures);

        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, Assert.Single(await broker.MessagesAsync()).Failures);

        // The client says that the lock was lost or, once it has seen the link close, that its receiver is closed.
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => receiver.CompleteMessageAsync(message, Stop));
        Assert.True(fault is ObjectDisposedException or ServiceBusException { Reason: ServiceBusFailureReason.SessionLockLost }, fault.ToString());
        Assert.Single(await broker.MessagesAsync());
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_session_closed_with_a_message_in_hand_counts_where_the_option_says_so(bool counts, int failures)
    {
        var (broker, client) = Start(new() { CountsEndedSessions = counts });
        await SendAsync(client, "a", "1");
        var receiver = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        await receiver.ReceiveMessageAsync(cancellationToken: Stop);

        await receiver.CloseAsync(Stop);

        Assert.Equal(failures, Assert.Single((await FreeAsync(broker))!).Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_session_of_a_broken_connection_stays_locked_where_the_option_says_so(bool keeps)
    {
        var (broker, client) = Start(new() { KeepsLocksOfBrokenConnections = keeps });
        await SendAsync(client, "a", "1");
        var receiver = await client.AcceptNextSessionAsync("alerts", cancellationToken: Stop);
        await receiver.ReceiveMessageAsync(cancellationToken: Stop);

        broker.Wire.Cut();

        if (keeps)
        {
            Assert.Null(await FreeAsync(broker, TimeSpan.FromSeconds(0.5)));
            clock.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.Equal(keeps ? 1 : 0, Assert.Single((await FreeAsync(broker))!).Failures);
    }

    [Fact]
    public async Task A_batch_ends_where_the_queue_s_limit_is()
    {
        var (_, client) = Start(new() { MaxMessageBytes = 1000 });
        var sender = client.CreateSender("alerts");
        using var batch = await sender.CreateMessageBatchAsync(Stop);
        Assert.Equal(1000, batch.MaxSizeInBytes);
        Assert.True(batch.TryAddMessage(new ServiceBusMessage(new byte[400]) { SessionId = "a" }));
        Assert.False(batch.TryAddMessage(new ServiceBusMessage(new byte[600]) { SessionId = "a" }));
        Assert.Equal(
            ServiceBusFailureReason.MessageSizeExceeded,
            await ReasonAsync(() => sender.SendMessageAsync(new ServiceBusMessage(new byte[1000]) { SessionId = "a" }, Stop)));
    }

    [Fact]
    public async Task A_queue_with_sessions_takes_no_message_without_one()
    {
        var (_, client) = Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.CreateSender("alerts").SendMessageAsync(new ServiceBusMessage("x"), Stop));
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, await ReasonAsync(() => SendAsync(client.CreateSender("other"), "a", "1")));
    }

    [Theory]
    [InlineData(FaultPoint.Attach, FaultKind.Refusal, ServiceBusFailureReason.MessagingEntityDisabled)]
    [InlineData(FaultPoint.Send, FaultKind.Refusal, ServiceBusFailureReason.MessagingEntityDisabled)]
    // The client tells the condition of a link that was closed, or that it was closed, by which it sees first.
    [InlineData(FaultPoint.Send, FaultKind.Detach, null)]
    [InlineData(FaultPoint.Send, FaultKind.Cut, ServiceBusFailureReason.ServiceCommunicationProblem)]
    public async Task A_fault_is_what_the_client_sees_once(FaultPoint point, FaultKind kind, ServiceBusFailureReason? reason)
    {
        var (broker, client) = Start();
        broker.Faults.Next(point, new Fault(kind, "com.microsoft:entity-disabled"));
        var sender = client.CreateSender("alerts");
        var seen = await ReasonAsync(() => SendAsync(sender, "a", "1"));
        Assert.Equal(reason ?? seen, seen);
        await SendAsync(sender, "a", "1");
        Assert.Single(await broker.MessagesAsync());
    }

    private (LoopbackBroker Broker, ServiceBusClient Client) Start(BrokerOptions? options = null)
    {
        var broker = new LoopbackBroker(clock, options);
        var client = new ServiceBusClient(broker.ConnectionString, new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0 } });
        open.Add(broker);
        open.Add(client);
        return (broker, client);
    }

    private static ServiceBusReceiver DeadLetters(ServiceBusClient client) =>
        client.CreateReceiver("alerts", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

    private static Task SendAsync(ServiceBusClient client, string session, params string[] ids) => SendAsync(client.CreateSender("alerts"), session, ids);

    private static Task SendAsync(ServiceBusSender sender, string session, params string[] ids) =>
        sender.SendMessagesAsync(ids.Select(id => new ServiceBusMessage("x") { MessageId = id, SessionId = session }), Stop);

    private static async Task<List<string>> ReceiveAsync(ServiceBusReceiver receiver, int count)
    {
        List<string> ids = [];
        while (ids.Count < count)
        {
            ids.Add((await receiver.ReceiveMessageAsync(cancellationToken: Stop)).MessageId);
        }

        return ids;
    }

    private static async Task<ServiceBusFailureReason> ReasonAsync(Func<Task> call) => (await Assert.ThrowsAsync<ServiceBusException>(call)).Reason;

    /// <summary>The broker hears of a closed link or connection a moment later.</summary>
    private static async Task<IReadOnlyList<StoredMessage>?> FreeAsync(LoopbackBroker broker, TimeSpan? wait = null)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        end.CancelAfter(wait ?? TimeSpan.FromSeconds(30));
        while (!await broker.HasMessageAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
            {
                return null;
            }
        }

        return await broker.MessagesAsync();
    }
}
