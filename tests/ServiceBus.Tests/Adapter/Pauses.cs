using Pipeline.Functions.ServiceBus;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

/// <summary>Passes the adapter's pauses between tries at once, but not its deadline: the client's answers take real time.</summary>
internal static class Pauses
{
    public static async Task PassAsync(this ManualTimeProvider time, Task call)
    {
        var deadline = time.GetUtcNow() + ServiceBusCalls.Deadline;
        while (!call.IsCompleted)
        {
            if (time.NextDue is { } due && due != deadline)
            {
                time.AdvanceTo(due);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await call;
    }
}
