using System.Reflection;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Functions.Hosting;
using Pipeline.Functions.ServiceBus;
using Pipeline.Functions.Tables;
using Pipeline.Hosting;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>
/// The Functions app on the official clients of everything and the real clock: its table in Azurite, its queues on the loopback broker, its
/// orchestrations on the test host of the Durable Task SDK. The functions are found by their attributes and called as the host would.
/// </summary>
internal sealed class FunctionsOnOfficialSdks : IAsyncDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, MethodInfo> functions = FunctionMethods.All;
    private readonly LoopbackBroker broker = new(TimeProvider.System, null, [.. QueueNames.All]);
    private readonly ServiceBusClient bus;
    private readonly CancellationTokenSource stop = new();
    private readonly WebApplication app;
    private DurableTaskTestHost durable = null!;
    private Task pumps = Task.CompletedTask;

    private FunctionsOnOfficialSdks(PipelineConfiguration configuration, IEntityTable table)
    {
        bus = new ServiceBusClient(broker.ConnectionString, ServiceBusConnection.Options());
        app = Build(configuration, table);
    }

    public HttpClient Client { get; } = new();

    public static async Task<FunctionsOnOfficialSdks> StartAsync(PipelineConfiguration configuration, AzuriteFixture azurite)
    {
        var table = azurite.NewTable();
        await table.CreateIfNotExistsAsync();
        var host = new FunctionsOnOfficialSdks(configuration, new TableEntityTable(table));
        host.durable = await DurableTaskTestHost.StartAsync(host.Register, new DurableTaskTestHostOptions { Port = FreePort.Next() });
        await host.app.StartAsync();
        host.Client.BaseAddress = new Uri(host.app.Urls.First());
        host.pumps = Task.WhenAll(
            host.PumpAsync("HandleAlerts", QueueNames.Alerts), host.PumpAsync("HandleNotifications", QueueNames.Notifications));
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await pumps;
        Client.Dispose();
        await app.DisposeAsync();
        await durable.DisposeAsync();
        await bus.DisposeAsync();
        await broker.DisposeAsync();
        stop.Dispose();
    }

    private WebApplication Build(PipelineConfiguration configuration, IEntityTable table)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(table);
        builder.Services.AddSingleton(bus);
        builder.Services.AddPipelineOnAzure(configuration, _ => null, TextWriter.Null);
        var built = builder.Build();
        built.Urls.Add("http://127.0.0.1:0");
        foreach (var (name, method) in functions)
        {
            if (FunctionMethods.TriggerOf<HttpTriggerAttribute>(method) is { } http)
            {
                built.MapMethods(http.Route!, http.Methods!, async (HttpContext context) =>
                    await (await (Task<IResult>)Invoke(name, context.Request)).ExecuteAsync(context));
            }
        }

        return built;
    }

    private void Register(DurableTaskRegistry tasks)
    {
        foreach (var (name, method) in functions)
        {
            if (FunctionMethods.TriggerOf<OrchestrationTriggerAttribute>(method) is not null)
            {
                tasks.AddOrchestratorFunc<JsonElement?, JsonElement?>(name, (context, _) => (Task<JsonElement?>)Invoke(name, context));
            }
            else if (FunctionMethods.TriggerOf<ActivityTriggerAttribute>(method) is not null)
            {
                tasks.AddActivityFunc<JsonElement, JsonElement>(name, (_, input) => (Task<JsonElement>)Invoke(name, input));
            }
        }
    }

    private async Task PumpAsync(string function, string queue)
    {
        var trigger = new SessionTrigger(broker, bus, queue);
        while (!stop.IsCancellationRequested)
        {
            if (!await trigger.RunAsync((message, actions) => (Task)Invoke(function, message, actions)))
            {
                await Task.Delay(Rest, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Calls a function with what its trigger brought; the host binds the rest.</summary>
    private object Invoke(string function, params object[] brought)
    {
        var method = functions[function];
        var target = method.IsStatic ? null : ActivatorUtilities.CreateInstance(app.Services, method.DeclaringType!);
        var bound = method.GetParameters().Skip(brought.Length).Select(parameter => parameter.ParameterType == typeof(DurableTaskClient)
            ? (object)durable.Client
            : CancellationToken.None);
        return method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, [.. brought, .. bound], null)!;
    }
}
