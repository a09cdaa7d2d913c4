using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Azure.Messaging.ServiceBus;
using Pipeline.Functions.Hosting;
using Pipeline.Functions.Tests.Durable;
using Pipeline.Functions.ServiceBus;
using Pipeline.Functions.Triggers;
using Pipeline.Hosting;
using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Contracts.Hosts;
using Pipeline.Tests.ServiceBus;
using Pipeline.Tests.Support;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>
/// The Functions app with a host of the test's own: it finds the functions by their attributes, as the Functions host does, serves the HTTP
/// ones on loopback and calls the others. The table is in memory, Service Bus is a <see cref="LoopbackBroker"/>, and orchestrations run on
/// Standalone's engine through their triggers.
/// </summary>
internal sealed class FunctionsUnderTest : HostUnderTest
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-functions-");
    private readonly Dictionary<string, MethodInfo> functions = FunctionMethods.All;
    private readonly SqliteDatabase database;
    private readonly OrchestrationEngine engine;
    private readonly DurableTaskClient durable;
    private readonly LoopbackBroker broker;
    private readonly ServiceBusClient bus;
    private readonly WebApplication app;

    private FunctionsUnderTest(PipelineConfiguration configuration, ManualTimeProvider clock)
        : base(clock)
    {
        database = SqliteDatabase.Open(Path.Combine(folder.FullName, "engine.db"));
        var catalog = new OrchestrationCatalog();
        engine = new OrchestrationEngine(
            database, catalog, clock, NullLogger<OrchestrationEngine>.Instance, new OrchestrationEngineOptions { Random = () => 0 });
        durable = new EngineDurableTaskClient(engine);
        broker = new LoopbackBroker(clock, null, [.. QueueNames.All]);
        bus = new ServiceBusClient(broker.ConnectionString, ServiceBusConnection.Options());
        app = Build(configuration);
        Register(catalog);
    }

    public override HttpClient Client { get; } = new();

    public override DateTimeOffset? NextTimer =>
        QueueNames.All.Select(name => broker.NextScheduledAsync(name).GetAwaiter().GetResult()).Append(engine.NextDue).Min();

    public static async Task<HostUnderTest> StartAsync(PipelineConfiguration configuration, ManualTimeProvider clock)
    {
        var host = new FunctionsUnderTest(configuration, clock);
        await host.app.StartAsync();
        host.Client.BaseAddress = new Uri(host.app.Urls.First());
        await host.DrainAsync();
        return host;
    }

    public override async Task DrainAsync()
    {
        // Timers first, as in a minute that begins; what they lead to is done by the others.
        foreach (var timer in functions.Where(function => FunctionMethods.TriggerOf<TimerTriggerAttribute>(function.Value) is not null))
        {
            await InvokeAsync(timer.Key, new TimerInfo(), durable, CancellationToken.None);
        }

        bool hasDone;
        do
        {
            hasDone = await HandleNextAsync("HandleAlerts", QueueNames.Alerts)
                || await engine.DrainAsync(CancellationToken.None) > 0
                || await HandleNextAsync("HandleNotifications", QueueNames.Notifications);
        }
        while (hasDone);
    }

    public override async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        await bus.DisposeAsync();
        await broker.DisposeAsync();
        await database.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private WebApplication Build(PipelineConfiguration configuration)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddSingleton<IEntityTable, InMemoryEntityTable>();
        builder.Services.AddSingleton(bus);
        builder.Services.AddPipelineOnAzure(configuration, _ => null, TextWriter.Null);
        var built = builder.Build();
        built.Urls.Add("http://127.0.0.1:0");
        foreach (var (name, method) in functions)
        {
            if (FunctionMethods.TriggerOf<HttpTriggerAttribute>(method) is { } http)
            {
                built.MapMethods(http.Route!, http.Methods!, async (HttpContext context) =>
                    await (await (Task<IResult>)Invoke(name, IsTold(method) ? [context.Request, durable] : [context.Request])).ExecuteAsync(context));
            }
        }

        return built;
    }

    /// <summary>The engine calls the app's triggers, as the service does.</summary>
    private void Register(OrchestrationCatalog catalog)
    {
        foreach (var (name, method) in functions)
        {
            if (FunctionMethods.TriggerOf<OrchestrationTriggerAttribute>(method) is not null)
            {
                catalog.AddOrchestrator(name, async native =>
                    await (Task<JsonElement?>)Invoke(name, new EngineTaskOrchestrationContext(native)));
            }
            else if (FunctionMethods.TriggerOf<ActivityTriggerAttribute>(method) is not null)
            {
                catalog.AddActivity<JsonElement, JsonElement>(name, (input, token) => (Task<JsonElement>)Invoke(name, input, durable, token));
            }
        }
    }

    private static bool IsTold(MethodInfo method) => method.GetParameters().Any(parameter => parameter.IsDefined(typeof(DurableClientAttribute)));

    private Task<bool> HandleNextAsync(string function, string queue) => new SessionTrigger(broker, bus, queue).RunAsync((message, actions) =>
        InvokeAsync(function, message, actions, durable, CancellationToken.None));

    private Task InvokeAsync(string function, params object[] arguments) => (Task)Invoke(function, arguments);

    private object Invoke(string function, params object[] arguments)
    {
        var method = functions[function];
        var target = method.IsStatic ? null : ActivatorUtilities.CreateInstance(app.Services, method.DeclaringType!);
        return method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
    }
}

internal static class FunctionMethods
{
    /// <summary>By the names that the Functions host knows them by.</summary>
    public static Dictionary<string, MethodInfo> All => typeof(FunctionServices).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttribute<FunctionAttribute>() is not null)
        .ToDictionary(method => method.GetCustomAttribute<FunctionAttribute>()!.Name, StringComparer.Ordinal);

    public static TTrigger? TriggerOf<TTrigger>(MethodInfo function)
        where TTrigger : Attribute =>
        function.GetParameters().Select(parameter => parameter.GetCustomAttribute<TTrigger>()).FirstOrDefault(trigger => trigger is not null);
}
