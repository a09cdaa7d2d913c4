using Azure.Messaging.ServiceBus;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

public sealed class TriggerWatchTests : IAsyncDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly QueueOnBroker bus = new();
    private readonly TriggerWatch watch;

    public TriggerWatchTests() => watch = new TriggerWatch("alerts", bus.Client.CreateReceiver("alerts"), bus.Clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => bus.DisposeAsync();

    [Fact]
    public async Task Z6_A_message_that_no_trigger_takes_fails_health_after_five_minutes_and_says_for_how_long()
    {
        await watch.CheckAsync(Stop);
        await bus.SendAsync("shop", "1");
        bus.Clock.Advance(QueueLateness.Longest);
        await watch.CheckAsync(Stop);
        bus.Clock.Advance(Moment);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => watch.CheckAsync(Stop));
        Assert.StartsWith("A message of the queue 'alerts' has been due for 301 s.", fault.Message, StringComparison.Ordinal);

        await bus.ReceiveAsync();
        await watch.CheckAsync(Stop);
    }

    [Fact]
    public async Task Z6_What_waits_for_a_later_time_is_not_late_and_hides_nothing()
    {
        var later = bus.Clock.GetUtcNow().AddHours(1);
        await bus.Queue.SendAsync([.. Enumerable.Range(0, 20).Select(i => new QueueMessage("shop", $"later {i}", "x"u8.ToArray(), later))], Stop);
        bus.Clock.Advance(QueueLateness.Longest + Moment);
        await watch.CheckAsync(Stop);

        await bus.SendAsync("shop", "now");
        bus.Clock.Advance(QueueLateness.Longest + Moment);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => watch.CheckAsync(Stop));
    }
}
