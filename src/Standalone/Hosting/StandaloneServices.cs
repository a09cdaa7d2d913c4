using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Pipeline.Standalone.Scheduling;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Hosting;

/// <summary>The ports of the one-process host: everything in one SQLite file.</summary>
internal static class StandaloneServices
{
    public const string DatabaseName = "pipeline.db";

    public static IServiceCollection AddStandalone(
        this IServiceCollection services, PipelineConfiguration configuration, SqliteDatabase database, TimeProvider time, TextWriter console) => services
        .AddSingleton(time)
        .AddSingleton(database)
        .AddSingleton<IReadiness>(database)
        .AddSingleton<IEntityTable, SqliteEntityTable>()
        .AddKeyedSingleton(QueueNames.Alerts, (_, _) => new SqliteMessageQueue(database, QueueNames.Alerts, time))
        .AddKeyedSingleton(QueueNames.Notifications, (_, _) => new SqliteMessageQueue(database, QueueNames.Notifications, time))
        .AddKeyedSingleton<IMessageQueue>(QueueNames.Alerts, (provider, key) => provider.GetRequiredKeyedService<SqliteMessageQueue>(key))
        .AddKeyedSingleton<IMessageQueue>(QueueNames.Notifications, (provider, key) => provider.GetRequiredKeyedService<SqliteMessageQueue>(key))
        .AddSingleton<IReadiness>(provider => provider.GetRequiredKeyedService<SqliteMessageQueue>(QueueNames.Alerts))
        .AddSingleton<IReadiness>(provider => provider.GetRequiredKeyedService<SqliteMessageQueue>(QueueNames.Notifications))
        .AddSingleton<IBacklog>(provider => provider.GetRequiredKeyedService<SqliteMessageQueue>(QueueNames.Alerts))
        .AddSingleton(provider => new SqlitePostLog(database, provider.GetRequiredKeyedService<SqliteMessageQueue>(QueueNames.Alerts)))
        .AddSingleton<IPostLog>(provider => provider.GetRequiredService<SqlitePostLog>())
        .AddSingleton<IPulledPostLog>(provider => provider.GetRequiredService<SqlitePostLog>())
        .AddSingleton<PostSplitter>()
        .AddSingleton(provider => new WorkPace(() => Waiting(provider.GetRequiredService<IntakeRoom>()), time))
        .AddSingleton(_ => ChannelRegistry.Create(
            configuration.Channels, reference => SecretReference.Parse(reference)?.Resolve(Environment.GetEnvironmentVariable), console, time))
        .AddSingleton(provider => new OrchestrationEngine(
            database, provider.GetRequiredService<OrchestrationCatalog>(), time, provider.GetRequiredService<ILogger<OrchestrationEngine>>()))
        .AddSingleton<IOrchestrationClient>(provider => provider.GetRequiredService<OrchestrationEngine>())
        .AddSingleton(provider => new CronLoop(
            provider.GetServices<ScheduledJob>(),
            provider.GetRequiredService<IEntityTable>(),
            time,
            provider.GetRequiredService<ILogger<CronLoop>>()))
        .AddSingleton<PipelineLoops>()
        .AddSingleton(new SecretSource(SecretReference.Resolver(Environment.GetEnvironmentVariable)))
        .AddPipeline(configuration);

    // Where the processor is short, senders stand in the thread pool's line before anybody counts them.
    private static int Waiting(IntakeRoom room) => room.Posts is var posts and > 0 ? Math.Max(posts, (int)ThreadPool.PendingWorkItemCount) : 0;
}
