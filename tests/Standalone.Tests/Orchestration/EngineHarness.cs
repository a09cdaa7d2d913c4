using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Support;

namespace Pipeline.Standalone.Tests.Orchestration;

/// <summary>The engine on a file of its own.</summary>
internal sealed class EngineHarness : ManualOrchestrationHarness
{
    private readonly string folder = Directory.CreateTempSubdirectory("orchestration-").FullName;
    private readonly OrchestrationEngineOptions options;
    private OrchestrationCatalog catalog;

    public EngineHarness(OrchestrationCatalog catalog, OrchestrationEngineOptions? options = null)
    {
        this.catalog = catalog;
        this.options = options ?? new OrchestrationEngineOptions { Random = () => 0 };
        Database = SqliteDatabase.Open(File);
        Engine = CreateEngine();
    }

    public SqliteDatabase Database { get; private set; }

    public OrchestrationEngine Engine { get; private set; }

    public override IOrchestrationClient Client => Engine;

    public override DateTimeOffset? NextDue => Engine.NextDue;

    private string File => Path.Combine(folder, "pipeline.db");

    public override Task<int> DrainAsync(CancellationToken cancellationToken) => Engine.DrainAsync(cancellationToken);

    /// <summary>The process ends here and starts again, perhaps as another version.</summary>
    public async Task RestartAsync(OrchestrationCatalog? nextVersion = null)
    {
        catalog = nextVersion ?? catalog;
        await Database.DisposeAsync();
        Database = SqliteDatabase.Open(File);
        Engine = CreateEngine();
    }

    public long Count(string table) => Database.Read(statements => (long)statements.Scalar($"SELECT COUNT(*) FROM {table}")!);

    public override async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        await base.DisposeAsync();
    }

    private OrchestrationEngine CreateEngine() => new(Database, catalog, Clock, NullLogger<OrchestrationEngine>.Instance, options);
}
