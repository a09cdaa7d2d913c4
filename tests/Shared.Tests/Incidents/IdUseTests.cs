using Pipeline.Incidents;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class IdUseTests
{
    [Theory]
    // Nothing has the id.
    [InlineData(null, 0, IdUse.Free)]
    // Asked for before, and it goes on or has not begun yet.
    [InlineData(OrchestrationStatus.Running, 0, IdUse.Running)]
    [InlineData(OrchestrationStatus.Pending, 10, IdUse.Running)]
    // It did its work.
    [InlineData(OrchestrationStatus.Completed, 0, IdUse.Completed)]
    // It ended before its work was done.
    [InlineData(OrchestrationStatus.Failed, 0, IdUse.Broken)]
    [InlineData(OrchestrationStatus.Terminated, 0, IdUse.Broken)]
    // The clocks of two hosts differ a little.
    [InlineData(OrchestrationStatus.Running, -60, IdUse.Running)]
    // Older than what it would be for, whatever became of it.
    [InlineData(OrchestrationStatus.Running, -61, IdUse.LeftOver)]
    [InlineData(OrchestrationStatus.Completed, -61, IdUse.LeftOver)]
    [InlineData(OrchestrationStatus.Terminated, -86400, IdUse.LeftOver)]
    public void What_has_the_id(OrchestrationStatus? status, int createdSeconds, IdUse expected)
    {
        var created = SampleAlert.Monday.AddSeconds(createdSeconds);
        var instance = status is { } known
            ? new OrchestrationInstance("escalation-INC-1", "escalation", known, null, null, null, created, created)
            : null;
        Assert.Equal(expected, IdUses.Decide(instance, SampleAlert.Monday));
    }
}
