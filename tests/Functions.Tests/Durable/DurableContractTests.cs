using Pipeline.Runtime;
using Pipeline.Tests.Contracts.Runtime;
using Pipeline.Tests.Support;

namespace Pipeline.Functions.Tests.Durable;

/// <summary>The durable client and context keep the contract on the official client and worker.</summary>
public sealed class DurableContractTests : OrchestrationContract
{
    protected override OrchestrationHarness Create(OrchestrationCatalog catalog) => new DurableHarness(catalog);
}
