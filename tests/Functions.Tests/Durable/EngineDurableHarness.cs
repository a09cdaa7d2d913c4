using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Functions.Durable;
using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Support;

namespace Pipeline.Functions.Tests.Durable;

/// <summary>
/// Standalone's engine behind the members of Durable Task, and the adapter before those: for calls that cross each other or fail at a moment
/// that no test can choose on the real service.
/// </summary>
internal sealed class EngineDurableHarness : ManualOrchestrationHarness
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("durable-");
    private readonly OrchestrationCatalog source;
    private readonly OrchestrationCatalog wrapped = new();
    private readonly SqliteDatabase database;
    private readonly DurableClientScope scope = new();

    public EngineDurableHarness(OrchestrationCatalog catalog)
    {
        source = catalog;
        database = SqliteDatabase.Open(Path.Combine(folder.FullName, "engine.db"));
        Engine = new OrchestrationEngine(
            database, wrapped, Clock, NullLogger<OrchestrationEngine>.Instance, new OrchestrationEngineOptions { Random = () => 0 });
        Service = new EngineDurableTaskClient(Engine);
        Client = new ScopedClient(new DurableOrchestrationClient(scope), scope, () => Task.FromResult<DurableTaskClient>(Service));
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
}
