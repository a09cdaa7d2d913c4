using System.Reflection;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Functions.Hosting;
using Pipeline.Functions.Triggers;
using Pipeline.Hosting;
using Pipeline.Reports;
using Pipeline.Runtime;
using Pipeline.Tests.Contracts.Hosts;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>The attributes that the Functions host reads say what the product says.</summary>
public sealed class FunctionDeclarationTests
{
    private const string EveryPath = "{*path}";

    [Fact]
    public void Each_route_has_one_HTTP_function_of_its_name_method_and_template_and_the_app_decides_who_may_call()
    {
        var declared = With<HttpTriggerAttribute>().Where(function => function.Trigger.Route != EveryPath).Select(function =>
            (function.Name, Method: Assert.Single(function.Trigger.Methods!).ToUpperInvariant(), function.Trigger.Route, function.Trigger.AuthLevel));
        var expected = HttpApiContract.AllRoutes.Select(route => (route.Name, route.Method, (string?)route.Template, AuthorizationLevel.Anonymous));
        Assert.Equal(expected.Order(), declared.Order());
    }

    [Fact]
    public void D12_What_no_route_serves_is_the_apps_too_and_tried_last()
    {
        var http = With<HttpTriggerAttribute>().OrderBy(function => function.Name, StringComparer.Ordinal).ToList();
        var (_, last) = http[^1];
        Assert.Equal((EveryPath, AuthorizationLevel.Anonymous), (last.Route, last.AuthLevel));
        Assert.Superset(new[] { "get", "head", "post", "put", "patch", "delete", "options" }.ToHashSet(), last.Methods!.ToHashSet());
        Assert.Single(http, function => function.Trigger.Route == EveryPath);
    }

    [Fact]
    public void The_host_puts_no_prefix_before_the_templates() => Assert.Equal("", Host("extensions", "http", "routePrefix").GetString());

    [Fact]
    public void Each_queue_has_one_function_with_sessions_that_settles_by_itself()
    {
        var queues = With<ServiceBusTriggerAttribute>();
        Assert.Equal(QueueNames.All.Order(), queues.Select(function => function.Trigger.QueueName!).Order());
        Assert.All(queues, function => Assert.True(
            function.Trigger is { IsSessionsEnabled: true, IsBatched: false, AutoCompleteMessages: false, Connection: AzureSettings.ServiceBus }));
    }

    [Fact]
    public void Each_job_has_a_timer_of_its_cron_and_the_review_one_that_looks_often_enough()
    {
        var timers = With<TimerTriggerAttribute>().ToDictionary(function => function.Name, function => function.Trigger.Schedule);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["Sweep"] = Housekeeping.SweepCron,
                ["PurgePosts"] = Housekeeping.PurgeCron,
                ["WeeklyReview"] = TimerFunctions.ReviewLook,
            },
            timers);

        var jobs = Services().GetServices<ScheduledJob>().ToDictionary(job => job.Name);
        Assert.Equal([Housekeeping.PurgeJob, Housekeeping.SweepJob, WeeklyReviewJob.Name], jobs.Keys.Order());
        Assert.Equal((Housekeeping.SweepCron, Housekeeping.PurgeCron), (jobs[Housekeeping.SweepJob].Cron, jobs[Housekeeping.PurgeJob].Cron));
    }

    [Fact]
    public void Each_orchestration_and_activity_of_the_catalog_has_its_trigger()
    {
        var catalog = Services().GetRequiredService<OrchestrationCatalog>();
        Assert.Equal(catalog.Orchestrators.Keys.Order(), With<OrchestrationTriggerAttribute>().Select(function => function.Name).Order());
        Assert.Equal(catalog.Activities.Keys.Order(), With<ActivityTriggerAttribute>().Select(function => function.Name).Order());
    }

    [Fact]
    public void The_task_hub_is_the_one_that_the_documentation_names() => Assert.Equal("Pipeline", Host("extensions", "durableTask", "hubName").GetString());

    [Fact]
    public void Overload_is_answered_by_the_app_with_503_and_never_by_the_host_with_429()
    {
        Assert.Equal((-1, -1), (Host("extensions", "http", "maxOutstandingRequests").GetInt32(), Host("extensions", "http", "maxConcurrentRequests").GetInt32()));
        Assert.False(Host("extensions", "http", "dynamicThrottlesEnabled").GetBoolean());
    }

    [Fact]
    public void A_session_is_locked_as_long_as_a_function_may_take()
    {
        var timeout = TimeSpan.Parse(Host("functionTimeout").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        var renewal = TimeSpan.Parse(Host("extensions", "serviceBus", "maxAutoLockRenewalDuration").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(timeout, renewal);
    }

    private static List<(string Name, TTrigger Trigger)> With<TTrigger>()
        where TTrigger : Attribute =>
        [.. FunctionMethods.All.Select(function => (function.Key, FunctionMethods.TriggerOf<TTrigger>(function.Value)!)).Where(function => function.Item2 is not null)];

    private static JsonElement Host(params string[] path) =>
        path.Aggregate(JsonSerializer.Deserialize<JsonElement>(RepositoryFile.Read("host.json")), (element, name) => element.GetProperty(name));

    private static ServiceProvider Services() => new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(new ManualTimeProvider())
        .AddSingleton<IEntityTable, InMemoryEntityTable>()
        .AddSingleton<Azure.Messaging.ServiceBus.ServiceBusClient>(_ => new Azure.Messaging.ServiceBus.ServiceBusClient("nobody.calls.it", new Azure.Identity.DefaultAzureCredential()))
        .AddPipelineOnAzure(PipelineConfiguration.BuiltIn, _ => null, TextWriter.Null)
        .BuildServiceProvider();
}
