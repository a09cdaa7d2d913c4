using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Functions.Durable;
using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Contracts.Runtime;
using Pipeline.Tests.Support;

namespace Pipeline.Functions.Tests.Durable;

/// <summary>The durable client and context keep the same promises as the engine that serves them here.</summary>
public sealed class DurableContractTests : OrchestrationContract
{
    protected override OrchestrationHarness Create(OrchestrationCatalog catalog) => new DurableHarness(catalog);
}

/// <summary>Standalone's engine behind the members of Durable Task, and the adapters under test before those.</summary>
internal sealed class DurableHarness : OrchestrationHarness
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("durable-");
    private readonly OrchestrationCatalog source;
    private readonly OrchestrationCatalog wrapped = new();
    private readonly SqliteDatabase database;
    private readonly DurableClientScope scope = new();

    public DurableHarness(OrchestrationCatalog catalog)
    {
        source = catalog;
        database = SqliteDatabase.Open(Path.Combine(folder.FullName, "engine.db"));
        Engine = new OrchestrationEngine(
            database, wrapped, Clock, NullLogger<OrchestrationEngine>.Instance, new OrchestrationEngineOptions { Random = () => 0 });
        Service = new EngineDurableTaskClient(Engine);
        Client = new ScopedClient(new DurableOrchestrationClient(scope), () => scope.Enter(Service));
    }

    public OrchestrationEngine Engine { get; }

    public EngineDurableTaskClient Service { get; }

    public override IOrchestrationClient Client { get; }

    public override DateTimeOffset? NextDue => Engine.NextDue;

    public override Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, run) in source.Orchestrators)
        {
            if (!wrapped.Orchestrators.ContainsKey(name))
            {
                wrapped.AddOrchestrator(name, async native => await DurableOrchestrationContext.RunAsync(new EngineTaskOrchestrationContext(native), run));
            }
        }

        foreach (var (name, activity) in source.Activities)
        {
            if (!wrapped.Activities.ContainsKey(name))
            {
                wrapped.AddActivity<System.Text.Json.JsonElement?, System.Text.Json.JsonElement>(name, activity.Run);
            }
        }

        return Engine.DrainAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Delete(recursive: true);
        await base.DisposeAsync();
    }

    /// <summary>Each call as a function of its own, which enters the scope first.</summary>
    private sealed class ScopedClient(DurableOrchestrationClient inner, Action enter) : IOrchestrationClient
    {
        public Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken = default) =>
            Entered().StartAsync(name, instanceId, input, cancellationToken);

        public Task RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken = default) =>
            Entered().RaiseEventAsync(instanceId, eventName, payload, cancellationToken);

        public Task<OrchestrationInstance?> GetAsync(string instanceId, CancellationToken cancellationToken = default) =>
            Entered().GetAsync(instanceId, cancellationToken);

        public Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken cancellationToken = default) =>
            Entered().ListAsync(query, cancellationToken);

        public Task TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default) =>
            Entered().TerminateAsync(instanceId, reason, cancellationToken);

        public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default) => Entered().PurgeAsync(instanceId, cancellationToken);

        private DurableOrchestrationClient Entered()
        {
            enter();
            return inner;
        }
    }
}
