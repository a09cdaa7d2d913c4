using Pipeline.Hosting;
using Pipeline.Tests.Contracts.Hosts;
using Pipeline.Tests.Support;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>The same month, through the triggers and the durable context.</summary>
public sealed class FunctionsMonthOfASev1 : MonthOfASev1
{
    protected override Task<HostUnderTest> StartAsync(PipelineConfiguration configuration, ManualTimeProvider clock) =>
        FunctionsUnderTest.StartAsync(configuration, clock);
}

public sealed class FunctionsHttpApiTests : HttpApiContract
{
    protected override Task<HostUnderTest> StartAsync(PipelineConfiguration configuration, ManualTimeProvider clock) =>
        FunctionsUnderTest.StartAsync(configuration, clock);
}
