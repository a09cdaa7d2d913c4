using Pipeline.Runtime;
using Pipeline.Standalone.Orchestration;
using Pipeline.Tests.Contracts.Runtime;
using Pipeline.Tests.Support;

namespace Pipeline.Standalone.Tests.Orchestration;

public sealed class OrchestrationEngineContractTests : EngineContract
{
    protected override OrchestrationHarness Create(OrchestrationCatalog catalog) => new EngineHarness(catalog);
}

/// <summary>Every turn is a replay.</summary>
public sealed class UncachedOrchestrationEngineContractTests : EngineContract
{
    protected override OrchestrationHarness Create(OrchestrationCatalog catalog) =>
        new EngineHarness(catalog, new OrchestrationEngineOptions { CachedInstances = 0, Random = () => 0 });
}
