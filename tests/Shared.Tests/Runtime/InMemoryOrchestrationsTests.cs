using Pipeline.Runtime;
using Pipeline.Tests.Contracts.Runtime;
using Pipeline.Tests.Support;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class InMemoryOrchestrationsTests : EngineContract
{
    protected override OrchestrationHarness Create(OrchestrationCatalog catalog) => new InMemoryOrchestrationHarness(catalog);
}
