using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

/// <summary>A sender of alerts hears within its ten seconds, whatever Service Bus does. The adapter's clock is the test's.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private readonly ManualTimeProvider time = new();
    private readonly QueueOnBroker bus;

    public DeadlineTests() => bus = new QueueOnBroker(time: time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bus.DisposeAsync();

    [Theory]
    // Nothing answers at the port.
    [InlineData(true, null)]
    // The connection is there and falls silent.
    [InlineData(false, null)]
    // The namespace answers, but not to a new link, to the token for it, to the message, to a request.
    [InlineData(true, FaultPoint.Attach)]
    [InlineData(true, FaultPoint.Token)]
    [InlineData(false, FaultPoint.Send)]
    [InlineData(false, FaultPoint.Request)]
    public async Task Z5_Silence_is_answered_when_8_seconds_are_over(bool isNew, FaultPoint? point)
    {
        if (!isNew)
        {
            await bus.SendAsync("shop", "before");
            await bus.Queue.CheckAsync(Stop);
        }

        Hush(point);
        Func<Task> ask = point is FaultPoint.Request ? () => bus.Queue.CheckAsync(Stop) : () => bus.SendAsync("shop", "1");
        var asking = ask();
        time.Advance(ServiceBusCalls.Deadline - TimeSpan.FromMilliseconds(1));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => asking.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop));
        Assert.StartsWith("Service Bus queue 'alerts': ", fault.Message, StringComparison.Ordinal);

        bus.Broker.Faults.Clear();
        bus.Broker.Wire.Resume();
        await time.PassAsync(ask());
    }

    [Fact]
    public async Task Z5_A_readiness_check_on_a_silent_port_ends_in_time_too()
    {
        bus.Broker.Wire.Hush();
        var checking = bus.Queue.CheckAsync(Stop);
        time.Advance(ServiceBusCalls.Deadline);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => checking.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop));
    }

    [Fact]
    public async Task Z5_A_throttled_send_is_tried_again_after_two_seconds_and_holds_no_other()
    {
        bus.Broker.Faults.Next(FaultPoint.Send, new Fault(FaultKind.Refusal, Faults.ServerBusy));
        var throttled = bus.SendAsync("shop", "throttled");
        while (time.NextDue != time.GetUtcNow() + ServiceBusCalls.PauseWhenBusy)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
        }

        await bus.SendAsync("shop", "next").WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop);
        Assert.False(throttled.IsCompleted);
        time.Advance(ServiceBusCalls.PauseWhenBusy);
        await throttled.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop);

        Assert.Equal(["next", "throttled"], (await bus.Broker.MessagesAsync()).Select(message => message.MessageId));
    }

    [Fact]
    public async Task Z5_A_namespace_that_throttles_all_the_time_is_unavailable_before_the_deadline()
    {
        bus.Broker.Faults.Always(FaultPoint.Send, new Fault(FaultKind.Refusal, Faults.ServerBusy));
        var start = time.GetUtcNow();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => time.PassAsync(bus.SendAsync("shop", "1")));

        // At 0, 2, 4 and 6 s; a fifth try would come too late.
        Assert.Equal(TimeSpan.FromSeconds(6), time.GetUtcNow() - start);
        bus.Broker.Faults.Clear();
        await bus.SendAsync("shop", "1").WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop);
    }

    [Fact]
    public async Task Z5_A_post_of_many_batches_gets_through_a_namespace_that_throttles_each_and_is_queued_once()
    {
        // Without a memory of ids, so that what is sent twice is there twice.
        await using var small = new QueueOnBroker(new() { MaxMessageBytes = 2000, DuplicateWindow = TimeSpan.Zero }, time);
        QueueMessage[] post = [.. Enumerable.Range(0, 15).Select(number => new QueueMessage("shop", $"{number}", new byte[500]))];
        var start = time.GetUtcNow();
        for (var batch = 0; batch < 4; batch++)
        {
            small.Broker.Faults.Next(FaultPoint.Send, new Fault(FaultKind.Refusal, Faults.ServerBusy));
            small.Broker.Faults.Next(FaultPoint.Send, new Fault(FaultKind.Refusal, Faults.ServerBusy));
            small.Broker.Faults.Next(FaultPoint.Send, new Fault(FaultKind.Pass));
        }

        await PassAsync(small.Queue.SendAsync(post, Stop));

        // Four seconds a batch: together more than the 8 s of one.
        Assert.True(time.GetUtcNow() - start >= 4 * 2 * ServiceBusCalls.PauseWhenBusy);
        Assert.Equal(post.Select(message => message.MessageId), (await small.Broker.MessagesAsync()).Select(message => message.MessageId));
    }

    [Fact]
    public async Task Z5_A_caller_that_goes_away_is_not_told_that_the_store_is()
    {
        bus.Broker.Wire.Hush();
        using var caller = new CancellationTokenSource();
        var sending = bus.Queue.SendAsync([new QueueMessage("shop", "1", "x"u8.ToArray())], caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    /// <summary>Passes the pauses only: each batch has a deadline of its own.</summary>
    private async Task PassAsync(Task call)
    {
        while (!call.IsCompleted)
        {
            if (time.NextDue is { } due && due <= time.GetUtcNow() + ServiceBusCalls.PauseWhenBusy)
            {
                time.AdvanceTo(due);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
        }

        await call;
    }

    private void Hush(FaultPoint? point)
    {
        if (point is { } silent)
        {
            bus.Broker.Faults.Always(silent, new Fault(FaultKind.Silence));
        }
        else
        {
            bus.Broker.Wire.Hush();
        }
    }
}
