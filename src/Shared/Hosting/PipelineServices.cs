using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Api;
using Pipeline.Communication;
using Pipeline.Escalation;
using Pipeline.Hosting.Configuration;
using Pipeline.Incidents;
using Pipeline.Incidents.Alertmanagers;
using Pipeline.Notifications;
using Pipeline.Postmortems;
using Pipeline.Reports;
using Pipeline.Runtime;

namespace Pipeline.Hosting;

/// <summary>Puts the product together. What a host adds are the ports, a <see cref="TimeProvider"/> and the <see cref="ChannelRegistry"/>.</summary>
internal static class PipelineServices
{
    public static IServiceCollection AddPipeline(this IServiceCollection services, PipelineConfiguration configuration) => PacedStoreFaults.AddTo(services)
        .AddSingleton(configuration)
        .AddAlerts(configuration)
        .AddIncidents(configuration)
        .AddNotifications()
        .AddEscalation(configuration)
        .AddCommunication()
        .AddPostmortems(configuration)
        .AddReports(configuration)
        .AddJobs(configuration)
        .AddSingleton(CreateCatalog)
        .AddApi(configuration);

    private static IServiceCollection AddAlerts(this IServiceCollection services, PipelineConfiguration configuration) => services
        .AddSingleton(AlertSources.Default)
        .AddSingleton<AlertReceiver>()
        .AddSingleton<MendingLog>()
        .AddSingleton<IntakeLag>()
        .AddSingleton(provider => new PostMessages(
            provider.GetRequiredService<AlertSources>(),
            alert => Correlation.SessionOf(alert, configuration.Correlation),
            provider.GetRequiredService<MendingLog>(),
            provider.GetRequiredService<ILogger<PostMessages>>()));

    private static IServiceCollection AddIncidents(this IServiceCollection services, PipelineConfiguration configuration) => services
        .AddSingleton(configuration.Correlation)
        .AddSingleton(new Classification(configuration.Severity))
        .AddSingleton(new PeopleNames(configuration.People))
        .AddSingleton<IncidentStore>()
        .AddSingleton(provider => new IncidentSignals(
            provider.GetRequiredService<IncidentStore>(),
            [.. provider.GetServices<IIncidentSubscriber>()],
            provider.GetRequiredService<ILogger<IncidentSignals>>()))
        .AddSingleton<IncidentCommands>()
        .AddSingleton<SenderMemory>()
        .AddSingleton(provider => new AlertmanagerClient(
            AlertmanagerClient.CreateHttp(),
            provider.GetRequiredService<SecretSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AlertmanagerClient>>()))
        .AddSingleton<AlertmanagerWatch>()
        .AddSingleton<ProcessStarter>()
        .AddSingleton<StaleAlerts>()
        .AddSingleton<AlertIntake>();

    private static IServiceCollection AddNotifications(this IServiceCollection services) => services
        .AddSingleton(provider => new NotificationSender(provider.GetRequiredKeyedService<IMessageQueue>(QueueNames.Notifications)))
        .AddSingleton<Recipients>()
        .AddSingleton<DeliveryLog>()
        .AddSingleton<PageReceipts>()
        .AddSingleton<IPageGate>(provider => provider.GetRequiredService<PageReceipts>())
        .AddSingleton<IDeliveryReceipts>(provider => provider.GetRequiredService<PageReceipts>())
        .AddSingleton<NotificationDispatcher>();

    private static IServiceCollection AddEscalation(this IServiceCollection services, PipelineConfiguration configuration) => services
        .AddSingleton(new EscalationPolicies(configuration.Escalation, configuration.Services))
        .AddSingleton(provider => new EscalationActivities(
            provider.GetRequiredService<IncidentStore>(),
            provider.GetRequiredService<NotificationSender>(),
            configuration.People,
            configuration.Services,
            configuration.Reports.BaseUrl))
        .AddSingleton<IIncidentSubscriber, EscalationSubscriber>();

    private static IServiceCollection AddCommunication(this IServiceCollection services) => services
        .AddSingleton<CadenceActivities>()
        .AddSingleton<IIncidentSubscriber, CadenceSubscriber>()
        .AddSingleton<ConcernedPeople>()
        .AddSingleton<IIncidentSubscriber, IncidentAnnouncer>()
        .AddSingleton<IIncidentSubscriber, JoinNotifier>();

    private static IServiceCollection AddPostmortems(this IServiceCollection services, PipelineConfiguration configuration) => services
        .AddSingleton(configuration.Postmortem)
        .AddSingleton<PostmortemStore>()
        .AddSingleton<PostmortemActivities>()
        .AddSingleton<IIncidentSubscriber, PostmortemSubscriber>();

    private static IServiceCollection AddReports(this IServiceCollection services, PipelineConfiguration configuration) => services
        .AddSingleton<ReportStore>()
        .AddSingleton(provider => new WeeklyReviewJob(
            new ReviewPolicy(configuration.Reports.BaseUrl, configuration.Postmortem.Severities)
            {
                Names = provider.GetRequiredService<PeopleNames>(),
            },
            provider.GetRequiredService<IncidentStore>().DetectedAsync,
            provider.GetRequiredService<IncidentStore>().OpenAsync,
            provider.GetRequiredService<ReportStore>(),
            provider.GetRequiredService<ILogger<WeeklyReviewJob>>()));

    private static IServiceCollection AddJobs(this IServiceCollection services, PipelineConfiguration configuration) => services
        .AddSingleton(provider => provider.GetRequiredService<WeeklyReviewJob>()
            .Schedule(configuration.Reports.Weekly.Cron, configuration.Reports.Weekly.TimeZone))
        .AddSingleton(provider => Housekeeping.Sweep(
            provider.GetRequiredService<IncidentSignals>(), provider.GetRequiredService<StaleAlerts>(), provider.GetRequiredService<AlertmanagerWatch>()))
        .AddSingleton(provider => Housekeeping.PurgePosts(provider.GetRequiredService<IPostLog>(), configuration.Intake.KeepPosts));

    private static OrchestrationCatalog CreateCatalog(IServiceProvider provider)
    {
        var catalog = new OrchestrationCatalog();
        provider.GetRequiredService<EscalationActivities>().Register(catalog);
        provider.GetRequiredService<CadenceActivities>().Register(catalog);
        provider.GetRequiredService<PostmortemActivities>().Register(catalog);
        return catalog;
    }

    private static IServiceCollection AddApi(this IServiceCollection services, PipelineConfiguration configuration) => services
        .AddSingleton(new Access(configuration.Access))
        .AddSingleton<AccessLog>()
        .AddSingleton(configuration.Intake)
        .AddSingleton(new IntakeRoom(configuration.Intake.MaxBytesInHand))
        .AddSingleton(configuration.Server)
        .AddSingleton<UnmatchedRequests>()
        .AddSingleton<AlertEndpoints>()
        .AddSingleton<IncidentEndpoints>()
        .AddSingleton<IncidentDocumentEndpoints>()
        .AddSingleton<OrchestrationEndpoints>()
        .AddSingleton<ReportEndpoints>()
        .AddSingleton<HealthEndpoint>()
        .AddSingleton(provider => new DeadLetterEndpoints(QueueNames.All.ToDictionary(
            name => name, name => provider.GetRequiredKeyedService<IMessageQueue>(name), StringComparer.Ordinal)))
        .AddSingleton(provider => new ApiEndpoints(
            provider.GetRequiredService<Access>(),
            provider.GetRequiredService<AccessLog>(),
            [
                .. provider.GetRequiredService<HealthEndpoint>().All,
                .. provider.GetRequiredService<AlertEndpoints>().All,
                .. provider.GetRequiredService<IncidentEndpoints>().All,
                .. provider.GetRequiredService<IncidentDocumentEndpoints>().All,
                .. provider.GetRequiredService<OrchestrationEndpoints>().All,
                .. provider.GetRequiredService<ReportEndpoints>().All,
                .. provider.GetRequiredService<DeadLetterEndpoints>().All,
            ],
            provider.GetRequiredService<UnmatchedRequests>(),
            provider.GetRequiredService<ILogger<ApiEndpoints>>()));
}
