using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

/// <summary>A dispatcher with a real far end <c>hook</c>, in time that a test moves.</summary>
internal sealed class DispatcherFixture : IPageGate, IDeliveryReceipts, ILogger<NotificationDispatcher>, IAsyncDisposable
{
    public const string Secret = "hush-hush-1234";

    private readonly ChannelRegistry channels;
    private long sequence;

    private DispatcherFixture(LoopbackWebhook farEnd, Uri url, ManualTimeProvider time)
    {
        FarEnd = farEnd;
        Time = time;
        channels = ChannelRegistry.Create(
            new Dictionary<string, ChannelConfiguration>(StringComparer.Ordinal)
            {
                ["hook"] = new("hook", ChannelKind.Webhook, url, "env:HOOK_SECRET"),
            },
            reference => reference == "env:HOOK_SECRET" ? Secret : null,
            TextWriter.Null,
            Time);
        Log = new DeliveryLog(Table);
        Dispatcher = NewDispatcher();
    }

    public LoopbackWebhook FarEnd { get; }

    public ManualTimeProvider Time { get; }

    public FailingTable Table { get; } = new(new InMemoryEntityTable());

    public DeliveryLog Log { get; }

    public NotificationDispatcher Dispatcher { get; private set; }

    /// <summary>What the gate says; asked once for each attempt.</summary>
    public Func<Notification, PageDecision> Gate { get; set; } = _ => new PageDecision.Send();

    /// <summary>Every call, repeated ones too.</summary>
    public ConcurrentQueue<DeliveryReceipt> Receipts { get; } = new();

    /// <summary>So many receipts fail before one is kept.</summary>
    public int FailReceipts { get; set; }

    public ConcurrentQueue<string> LogLines { get; } = new();

    public static async Task<DispatcherFixture> StartAsync(string path = "/hook")
    {
        var time = new ManualTimeProvider();
        var farEnd = await LoopbackWebhook.StartAsync(Secret, time, cancellationToken: TestContext.Current.CancellationToken);
        return new DispatcherFixture(farEnd, new Uri(farEnd.Url, path), time);
    }

    /// <summary>What a restarted process has: nothing in memory, the same table.</summary>
    public void Restart() => Dispatcher = NewDispatcher();

    public ReceivedMessage Message(Notification notification, int deliveryCount = 1) =>
        new(++sequence, NotificationSender.SessionOf(notification), NotificationKey.MessageIdOf(notification.Key), PipelineJson.ToUtf8(notification), deliveryCount, Time.GetUtcNow());

    public async Task<Settlement> DeliverAsync(Notification notification, int deliveryCount = 1) =>
        Assert.Single(await DeliverAsync([Message(notification, deliveryCount)]));

    /// <summary>Handles a batch, moving time over waits as they come up.</summary>
    /// <param name="skipWaitsUpTo">An attempt's time limit is left alone by default; only waits between attempts are shorter.</param>
    /// <param name="mayMove">Keeps time still until it holds, so that an answer under way isn't overtaken.</param>
    public async Task<IReadOnlyList<Settlement>> DeliverAsync(
        IReadOnlyList<ReceivedMessage> messages, TimeSpan? skipWaitsUpTo = null, Func<bool>? mayMove = null)
    {
        var handling = Dispatcher.HandleAsync("hook", messages, TestContext.Current.CancellationToken);
        while (!handling.IsCompleted)
        {
            if (mayMove?.Invoke() != false && Time.NextDue is { } due && due - Time.GetUtcNow() <= (skipWaitsUpTo ?? Pipeline.Notifications.FarEnd.LongestInlineWait))
            {
                Time.AdvanceTo(due);
            }

            await Task.WhenAny(handling, Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken));
        }

        return await handling;
    }

    public async Task<DeliveryRecord?> RecordOf(Notification notification) =>
        await Log.FindAsync(notification, TestContext.Current.CancellationToken);

    public Task<PageDecision> DecideAsync(Notification page, CancellationToken cancellationToken) => Task.FromResult(Gate(page));

    public Task RecordAsync(DeliveryReceipt receipt, CancellationToken cancellationToken)
    {
        if (FailReceipts > 0)
        {
            FailReceipts--;
            throw new StoreUnavailableException("the test said so");
        }

        Receipts.Enqueue(receipt);
        return Task.CompletedTask;
    }

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        LogLines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    public async ValueTask DisposeAsync()
    {
        channels.Dispose();
        await FarEnd.DisposeAsync();
    }

    private NotificationDispatcher NewDispatcher() => new(channels, Log, this, this, Time, this);
}
