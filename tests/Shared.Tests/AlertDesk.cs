using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests;

/// <summary>
/// The whole product in memory, from the body of a post to the notifications that leave it. Nothing moves but by a test: it is Monday,
/// 2026-01-05 09:00 UTC, until the clock is moved. Alice is paged first, Bob after 5 minutes.
/// </summary>
internal sealed class AlertDesk : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly InMemoryMessageQueue alerts;
    private readonly InMemoryMessageQueue notifications;
    private readonly List<Notification> sent = [];

    public AlertDesk(PipelineConfiguration? configuration = null, Action<IServiceCollection>? configure = null)
    {
        alerts = new InMemoryMessageQueue(QueueNames.Alerts, Clock);
        notifications = new InMemoryMessageQueue(QueueNames.Notifications, Clock);
        var collection = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Debug))
            .AddSingleton<TimeProvider>(Clock)
            .AddSingleton<IEntityTable>(Table)
            .AddKeyedSingleton<IMessageQueue>(QueueNames.Alerts, alerts)
            .AddKeyedSingleton<IMessageQueue>(QueueNames.Notifications, notifications)
            .AddSingleton<IBacklog>(alerts)
            .AddSingleton(_ => new InMemoryPostLog(alerts))
            .AddSingleton<IPostLog>(provider => provider.GetRequiredService<InMemoryPostLog>())
            .AddSingleton<IPulledPostLog>(provider => provider.GetRequiredService<InMemoryPostLog>())
            .AddSingleton<PostSplitter>()
            .AddSingleton(_ => ChannelRegistry.Create((configuration ?? Default).Channels, _ => null, TextWriter.Null, Clock))
            .AddSingleton(provider => new InMemoryOrchestrations(provider.GetRequiredService<OrchestrationCatalog>(), Clock))
            .AddSingleton<IOrchestrationClient>(provider => provider.GetRequiredService<InMemoryOrchestrations>())
            .AddSingleton(new SecretSource(_ => null))
            .AddPipeline(configuration ?? Default);
        configure?.Invoke(collection);
        services = collection.BuildServiceProvider();
    }

    public static PipelineConfiguration Default { get; } = PipelineConfiguration.BuiltIn with
    {
        People = new[] { "alice", "bob" }.ToDictionary(id => id, id => new Person(id, id, [new ContactMethod("console")]), StringComparer.Ordinal),
        Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal)
        {
            [PipelineConfiguration.DefaultPolicy] = new(
                PipelineConfiguration.DefaultPolicy,
                [new("primary", ["alice"], TimeSpan.FromMinutes(5)), new("secondary", ["bob"], TimeSpan.FromMinutes(10))]),
        },
    };

    public ManualTimeProvider Clock { get; } = new();

    public InMemoryEntityTable Table { get; } = new();

    public LogRecorder Log { get; } = new();

    public IncidentStore Store => services.GetRequiredService<IncidentStore>();

    /// <summary>All notifications so far, in the order in which they left the queue.</summary>
    public IReadOnlyList<Notification> Sent => sent;

    /// <summary><c>alice INC-1</c> for each page.</summary>
    public IEnumerable<string> Pages => SentAs(NotificationPurpose.Page).Select(page => $"{page.PersonId} {page.IncidentId}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public IEnumerable<Notification> SentAs(NotificationPurpose purpose) => sent.Where(notification => notification.Purpose == purpose);

    /// <summary>As Alertmanager's webhook: each alert is an object of its JSON.</summary>
    public Task WebhookAsync(params IEnumerable<string> alertObjects) =>
        PostAsync(AlertSources.Alertmanager, $$"""{"version":"4","externalURL":"http://alertmanager.example.org:9093","alerts":[{{string.Join(',', alertObjects)}}]}""");

    /// <summary>As Prometheus to <c>/api/v2/alerts</c>.</summary>
    public Task PrometheusAsync(params IEnumerable<string> alertObjects) => PostAsync(AlertSources.Prometheus, $"[{string.Join(',', alertObjects)}]");

    public async Task PostAsync(AlertSource source, string body)
    {
        var result = await services.GetRequiredService<AlertReceiver>()
            .ReceiveAsync(source, Encoding.UTF8.GetBytes(body), "test", Clock.GetUtcNow(), Token);
        Assert.Null(result.Refused);
        await DrainAsync();
    }

    /// <summary>An alert's JSON. <paramref name="labels"/> as <c>a=1;b=2</c>; ends and starts as offsets from now.</summary>
    public string Alert(string labels, TimeSpan? starts = null, TimeSpan? ends = null, string? status = null, string annotations = "", string generator = "")
    {
        var now = Clock.GetUtcNow();
        return Encoding.UTF8.GetString(PipelineJson.ToUtf8(new
        {
            Status = status,
            Labels = SampleAlert.Pairs(labels),
            Annotations = SampleAlert.Pairs(annotations),
            StartsAt = now + (starts ?? TimeSpan.Zero),
            EndsAt = ends is { } span ? now + span : (DateTimeOffset?)null,
            GeneratorURL = generator,
        }));
    }

    public string Firing(string labels, TimeSpan? starts = null, string annotations = "") => Alert(labels, starts, status: "firing", annotations: annotations);

    public string Resolved(string labels, TimeSpan? starts = null) => Alert(labels, starts ?? TimeSpan.FromMinutes(-1), TimeSpan.Zero, "resolved");

    public async Task AcknowledgeAsync(string id, string by)
    {
        var result = await services.GetRequiredService<IncidentCommands>().AcknowledgeAsync(id, new IncidentCommand(by), Token);
        Assert.Equal(CommandRefusal.None, result.Refusal);
        await DrainAsync();
    }

    /// <summary>Moves the time while the program runs: orchestrations at their times, the sweep every minute.</summary>
    public async Task RunForAsync(TimeSpan span)
    {
        var orchestrations = services.GetRequiredService<InMemoryOrchestrations>();
        var sweep = services.GetServices<ScheduledJob>().Single(job => job.Name == Housekeeping.SweepJob);
        var until = Clock.GetUtcNow() + span;
        while (Clock.GetUtcNow() < until)
        {
            var minute = Clock.GetUtcNow() + TimeSpan.FromMinutes(1);
            var next = minute < until ? minute : until;
            while (orchestrations.NextDue is { } due && due <= next)
            {
                Clock.AdvanceTo(due);
                await DrainAsync();
            }

            Clock.AdvanceTo(next);
            await sweep.Run(new ScheduledRun(next, next), Token);
            await DrainAsync();
        }
    }

    public async Task<IReadOnlyList<Incident>> IncidentsAsync() => [.. (await Store.ListAsync(openOnly: false, 200, null, Token)).Items.Reverse()];

    public async Task<Incident> TheIncidentAsync() => Assert.Single(await IncidentsAsync());

    public async Task<IReadOnlyList<string>> TimelineAsync(string id = "INC-1") =>
        [.. (await Store.TimelineAsync(id, 0, 1000, Token)).Select(entry => entry.Text)];

    public async Task DrainAsync()
    {
        var splitter = services.GetRequiredService<PostSplitter>();
        var orchestrations = services.GetRequiredService<InMemoryOrchestrations>();
        for (var done = 1; done > 0;)
        {
            done = await splitter.DrainAsync(Token) + await HandleAsync(alerts, services.GetRequiredService<AlertIntake>(), _ => { });
            await orchestrations.DrainAsync(Token);
            done += await HandleAsync(
                notifications,
                services.GetRequiredService<NotificationDispatcher>(),
                message => sent.Add(PipelineJson.FromUtf8<Notification>(message.Body.Span)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        alerts.Dispose();
        notifications.Dispose();
        Log.Dispose();
    }

    private static async Task<int> HandleAsync(InMemoryMessageQueue queue, IMessageHandler handler, Action<ReceivedMessage> see)
    {
        var handled = 0;
        while (await queue.TryReceiveAsync(256, Token) is { } lease)
        {
            await using (lease)
            {
                foreach (var message in lease.Messages)
                {
                    see(message);
                }

                await lease.SettleAsync(await handler.HandleAsync(lease.SessionId, lease.Messages, Token), Token);
                handled += lease.Messages.Count;
            }
        }

        return handled;
    }
}
