using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Alerts;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Pipeline.Shared.Tests.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class QueuePumpTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly InMemoryMessageQueue queue;
    private readonly RecordingHandler handler = new();
    private readonly QueuePump pump;

    public QueuePumpTests()
    {
        queue = new InMemoryMessageQueue("alerts", clock);
        pump = new QueuePump(queue, handler, NullLogger<QueuePump>.Instance, maxMessages: 3, clock);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => queue.Dispose();

    [Fact]
    public async Task Draining_hands_over_every_session_in_order_and_in_portions()
    {
        await SendAsync("a", "a1", "a2", "a3", "a4");
        await SendAsync("b", "b1");

        Assert.Equal(5, await pump.DrainAsync(Stop));

        Assert.Equal(["a: a1 a2 a3", "b: b1", "a: a4"], handler.Calls);
        Assert.Null(await queue.TryReceiveAsync(1, Stop));
    }

    [Fact]
    public async Task What_the_handler_decides_is_done()
    {
        await SendAsync("a", "done", "later", "never");
        handler.Answer = message => message.MessageId switch
        {
            "later" => new Settlement.Abandon(message.Sequence, "not now", TimeSpan.FromMinutes(1)),
            "never" => new Settlement.GiveUp(message.Sequence, "unreadable"),
            _ => new Settlement.Complete(message.Sequence),
        };

        await pump.DrainAsync(Stop);

        Assert.Equal(["unreadable"], (await queue.ListDeadLettersAsync(10, 0, Stop)).Select(letter => letter.Reason));
        clock.Advance(TimeSpan.FromMinutes(1));
        await using var lease = await queue.TryReceiveAsync(10, Stop);
        Assert.Equal(["later"], lease!.Messages.Select(message => message.MessageId));
    }

    [Fact]
    public async Task F4_A_message_nobody_can_handle_takes_no_other_with_it_and_those_behind_it_wait_for_its_deliveries()
    {
        await SendAsync("a", "1", "poison", "3");
        handler.Answer = message => message.MessageId == "poison" ? throw new FormatException("bad") : new Settlement.Complete(message.Sequence);

        for (var delivery = 1; delivery < QueueLimits.MaxDeliveries; delivery++)
        {
            await pump.DrainAsync(Stop);
            Assert.DoesNotContain("a: 3", handler.Calls);
            clock.Advance(LeaseHandling.DelayAfterFault(delivery));
        }

        await pump.DrainAsync(Stop);
        Assert.Equal(["a: 1 poison 3", "a: 1", "a: poison"], handler.Calls.Take(3));
        Assert.Equal(["a: poison 3", "a: poison"], handler.Calls.Skip(3).Distinct().Take(2));
        Assert.Equal("a: 3", handler.Calls[^1]);
        Assert.Equal(QueueLimits.MaxDeliveries, handler.Calls.Count(call => call == "a: poison"));
        var letter = Assert.Single(await queue.ListDeadLettersAsync(10, 0, Stop));
        Assert.Equal(("poison", "FormatException: bad"), (letter.Message.MessageId, letter.Reason));
        Assert.Null(await queue.TryReceiveAsync(1, Stop));
    }

    [Fact]
    public async Task F4_A_fault_holds_up_no_other_session_and_what_waited_is_not_counted()
    {
        await SendAsync("a", "1", "2");
        await SendAsync("b", "3");
        handler.Answer = message => message.SessionId == "a" ? throw new FormatException("bad") : new Settlement.Complete(message.Sequence);

        await pump.DrainAsync(Stop);
        Assert.Equal(["a: 1 2", "a: 1", "b: 3"], handler.Calls);
        clock.Advance(LeaseHandling.DelayAfterFault(1));
        await using var lease = await queue.TryReceiveAsync(10, Stop);
        Assert.Equal([("1", 2), ("2", 1)], lease!.Messages.Select(message => (message.MessageId, message.DeliveryCount)));
    }

    [Fact]
    public async Task F4_A_firing_whose_handling_failed_is_not_overtaken_by_its_resolve()
    {
        var desk = new IntakeDesk();
        var failing = new FailsAtFirst(desk.Intake);
        var intake = new QueuePump(queue, failing, NullLogger<QueuePump>.Instance, timeProvider: clock);
        await queue.SendAsync([new QueueMessage("s", "1-0", AlertJson.Write(IntakeDesk.Firing("A")))], Stop);
        await queue.SendAsync([new QueueMessage("s", "2-0", AlertJson.Write(desk.Resolved("A")))], Stop);

        await intake.DrainAsync(Stop);
        Assert.Empty(await desk.IncidentsAsync());
        clock.Advance(LeaseHandling.DelayAfterFault(1));
        await intake.DrainAsync(Stop);
        var incident = await desk.TheIncidentAsync();
        Assert.Equal((IncidentStage.Resolved, 0), (incident.Stage, incident.FiringAlerts));
    }

    [Fact]
    public async Task A_settlement_of_a_foreign_message_is_the_handlers_fault_and_settles_nothing()
    {
        await SendAsync("a", "1");
        handler.Answer = message => new Settlement.Complete(message.Sequence + 100);

        await pump.DrainAsync(Stop);

        Assert.Null(await queue.TryReceiveAsync(1, Stop));
        clock.Advance(LeaseHandling.DelayAfterFault(1));
        await using var lease = await queue.TryReceiveAsync(1, Stop);
        Assert.Equal(2, Assert.Single(lease!.Messages).DeliveryCount);
    }

    [Fact]
    public async Task A_store_that_is_away_is_not_counted_against_the_messages_and_keeps_their_order()
    {
        await SendAsync("a", "1", "2");
        handler.Answer = _ => throw new StoreUnavailableException("disk full");
        for (var i = 0; i <= QueueLimits.MaxDeliveries; i++)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => pump.DrainAsync(Stop));
        }

        await using var lease = await queue.TryReceiveAsync(10, Stop);
        Assert.Equal([("1", 1), ("2", 1)], lease!.Messages.Select(message => (message.MessageId, message.DeliveryCount)));
    }

    [Fact]
    public async Task A_running_pump_handles_what_comes_and_stops_when_told()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = pump.RunAsync(concurrency: 4, stopping.Token);

        await SendAsync("a", "1");
        await handler.HandledAsync("1");
        await SendAsync("b", "2");
        await handler.HandledAsync("2");

        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_running_pump_rests_after_a_store_fault_and_goes_on()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var isAway = true;
        handler.Answer = message => isAway ? throw new StoreUnavailableException("disk full") : new Settlement.Complete(message.Sequence);
        await SendAsync("a", "1");
        var running = pump.RunAsync(concurrency: 1, stopping.Token);
        await handler.HandledAsync("1");
        await RestingAsync();

        isAway = false;
        clock.Advance(QueuePump.RestAfterFault);
        await handler.HandledAsync("1");

        await stopping.CancelAsync();
        await running;
        Assert.Equal(["a: 1", "a: 1"], handler.Calls);
    }

    [Fact]
    public async Task Stopping_finishes_what_is_in_hand_and_settles_it()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        handler.Answer = message =>
        {
            stopping.Cancel();
            return new Settlement.Complete(message.Sequence);
        };
        await SendAsync("a", "1");

        await pump.RunAsync(concurrency: 2, stopping.Token);

        Assert.Null(await queue.TryReceiveAsync(1, Stop));
        Assert.Equal(["a: 1"], handler.Calls);
    }

    [Fact]
    public async Task A_handler_that_gives_way_to_stopping_costs_its_message_nothing()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        handler.Answer = _ =>
        {
            stopping.Cancel();
            throw new OperationCanceledException(stopping.Token);
        };
        await SendAsync("a", "1");

        await pump.RunAsync(concurrency: 1, stopping.Token);

        await using var lease = await queue.TryReceiveAsync(1, Stop);
        Assert.Equal(1, Assert.Single(lease!.Messages).DeliveryCount);
    }

    [Theory]
    // A count that somebody else's properties spoilt.
    [InlineData(-3, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(1000, 60)]
    public void The_delay_doubles_up_to_a_minute(int delivery, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), LeaseHandling.DelayAfterFault(delivery));

    private async Task RestingAsync()
    {
        while (clock.NextDue is null)
        {
            Stop.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private Task SendAsync(string session, params string[] ids) =>
        queue.SendAsync([.. ids.Select(id => new QueueMessage(session, id, default))], Stop);

    /// <summary>A fault of a moment: the batch fails, and the first message of it alone.</summary>
    private sealed class FailsAtFirst(IMessageHandler inner) : IMessageHandler
    {
        private int calls;

        public Task<IReadOnlyList<Settlement>> HandleAsync(string sessionId, IReadOnlyList<ReceivedMessage> messages, CancellationToken cancellationToken) =>
            calls++ < 2 ? throw new InvalidOperationException("a fault that passes") : inner.HandleAsync(sessionId, messages, cancellationToken);
    }

    /// <summary>Notes what it was given, and answers for each message as told.</summary>
    private sealed class RecordingHandler : IMessageHandler
    {
        private readonly SemaphoreSlim called = new(0);
        private readonly Lock gate = new();
        private readonly List<string> calls = [];

        public Func<ReceivedMessage, Settlement> Answer { get; set; } = message => new Settlement.Complete(message.Sequence);

        public IReadOnlyList<string> Calls
        {
            get
            {
                lock (gate)
                {
                    return [.. calls];
                }
            }
        }

        /// <summary>Completes when it was called once more, with this message last.</summary>
        public async Task HandledAsync(string id)
        {
            await called.WaitAsync(Stop);
            Assert.EndsWith(id, Calls[^1], StringComparison.Ordinal);
        }

        public Task<IReadOnlyList<Settlement>> HandleAsync(string sessionId, IReadOnlyList<ReceivedMessage> messages, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                calls.Add($"{sessionId}: {string.Join(' ', messages.Select(message => message.MessageId))}");
            }

            called.Release();
            return Task.FromResult<IReadOnlyList<Settlement>>([.. messages.Select(Answer)]);
        }
    }
}
