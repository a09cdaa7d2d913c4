using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;
using Pipeline.Functions.Durable;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Functions.Tests.Durable;

/// <summary>
/// The adapters on the official client and worker, which talk gRPC to the test host of the Durable Task SDK. Its clock is the real one.
/// </summary>
internal sealed class DurableHarness : OrchestrationHarness
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly OrchestrationCatalog catalog;
    private readonly DurableClientScope scope = new();
    private readonly Lazy<Task<DurableTaskTestHost>> host;

    /// <param name="catalog">Read at the first call of the client; what is added later is unknown to the worker.</param>
    public DurableHarness(OrchestrationCatalog catalog)
    {
        this.catalog = catalog;

        // Its own choice of a port is random and can be taken.
        host = new(() => DurableTaskTestHost.StartAsync(Register, new DurableTaskTestHostOptions { Port = FreePort.Next() }));
        Client = new ScopedClient(new DurableOrchestrationClient(scope), scope, ServiceAsync);
    }

    public override TimeSpan Unit => TimeSpan.FromSeconds(1);

    public override IOrchestrationClient Client { get; }

    public override Task PassAsync(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, TimeProvider.System, cancellationToken);

    public override async Task<bool> TryUntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                return false;
            }

            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }

        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        if (host.IsValueCreated)
        {
            await (await host.Value).DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private async Task<DurableTaskClient> ServiceAsync() => (await host.Value).Client;

    private void Register(DurableTaskRegistry tasks)
    {
        foreach (var (name, run) in catalog.Orchestrators)
        {
            tasks.AddOrchestratorFunc<JsonElement?, JsonElement?>(name, (context, _) => DurableOrchestrationContext.RunAsync(context, run));
        }

        foreach (var (name, activity) in catalog.Activities)
        {
            tasks.AddActivityFunc<JsonElement?, JsonElement>(name, (_, input) => activity.Run(input, CancellationToken.None));
        }
    }
}

/// <summary>Each call as a function of its own, which enters the scope first.</summary>
internal sealed class ScopedClient(DurableOrchestrationClient inner, DurableClientScope scope, Func<Task<DurableTaskClient>> service) : IOrchestrationClient
{
    public async Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken = default)
    {
        scope.Enter(await service());
        return await inner.StartAsync(name, instanceId, input, cancellationToken);
    }

    public async Task RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken = default)
    {
        scope.Enter(await service());
        await inner.RaiseEventAsync(instanceId, eventName, payload, cancellationToken);
    }

    public async Task<OrchestrationInstance?> GetAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        scope.Enter(await service());
        return await inner.GetAsync(instanceId, cancellationToken);
    }

    public async Task<OrchestrationPage> ListAsync(Pipeline.Runtime.OrchestrationQuery query, CancellationToken cancellationToken = default)
    {
        scope.Enter(await service());
        return await inner.ListAsync(query, cancellationToken);
    }

    public async Task TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default)
    {
        scope.Enter(await service());
        await inner.TerminateAsync(instanceId, reason, cancellationToken);
    }

    public async Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        scope.Enter(await service());
        return await inner.PurgeAsync(instanceId, cancellationToken);
    }
}
