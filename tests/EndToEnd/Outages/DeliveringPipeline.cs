using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Notifications.Webhook;
using Pipeline.Runtime;
using Pipeline.Standalone.Hosting;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd.Outages;

/// <summary>The program's parts that deliver, on a file of their own and on the real clock.</summary>
internal sealed class DeliveringPipeline : IPageGate, IDeliveryReceipts, IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder folder = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly SqliteDatabase database;
    private readonly SqliteMessageQueue queue;
    private readonly ChannelRegistry channels;
    private readonly NotificationSender sender;
    private readonly Task running;

    /// <param name="urls">By the channel's name.</param>
    public DeliveringPipeline(IReadOnlyDictionary<string, Uri> urls)
    {
        database = SqliteDatabase.Open(Path.Combine(folder.Folder("data"), StandaloneServices.DatabaseName));
        queue = new SqliteMessageQueue(database, QueueNames.Notifications, TimeProvider.System);
        channels = ChannelRegistry.Create(
            urls.ToDictionary(
                url => url.Key,
                url => new ChannelConfiguration(url.Key, ChannelKind.Webhook, url.Value, Timeout: Timeout),
                StringComparer.Ordinal),
            _ => null,
            TextWriter.Null,
            TimeProvider.System,
            WebhookChannel.CreateClient((_, _, _, _) => true));
        var dispatcher = new NotificationDispatcher(
            channels, new DeliveryLog(new SqliteEntityTable(database)), this, this, TimeProvider.System, NullLogger<NotificationDispatcher>.Instance);
        var pump = new QueuePump(queue, dispatcher, NullLogger<QueuePump>.Instance, PipelineLoops.NotificationsAtOnce, TimeProvider.System);
        sender = new NotificationSender(queue);
        running = pump.RunAsync(PipelineLoops.NotificationSessions, stopping.Token);
    }

    /// <summary>Sends a page and an update of the incident on the channel.</summary>
    public Task SendAsync(string channel, int incident, CancellationToken cancellationToken) => sender.SendAsync(
        [Notification(NotificationPurpose.Page, channel, incident), Notification(NotificationPurpose.StakeholderUpdate, channel, incident)],
        cancellationToken);

    Task<PageDecision> IPageGate.DecideAsync(Notification notification, CancellationToken cancellationToken) =>
        Task.FromResult<PageDecision>(new PageDecision.Send());

    Task IDeliveryReceipts.RecordAsync(DeliveryReceipt receipt, CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        channels.Dispose();
        queue.Dispose();
        await database.DisposeAsync();
        stopping.Dispose();
        folder.Dispose();
    }

    private static Notification Notification(NotificationPurpose purpose, string channel, int incident) => new()
    {
        Key = NotificationKey.Of(purpose, $"INC-{incident}", 1, "step", "alice", channel),
        Channel = channel,
        PersonId = "alice",
        Purpose = purpose,
        IncidentId = $"INC-{incident}",
        Severity = Severity.Sev1,
        Title = "Checkout fails",
        Text = "94 of 100 requests fail.",
        CreatedAt = TimeProvider.System.GetUtcNow(),
    };
}
