using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>The faults of Service Bus as the port's: what passes by itself, or is the operator's to mend, is a store that is unavailable.</summary>
internal static class ServiceBusFaults
{
    public static async Task<T> GuardAsync<T>(string queue, string what, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ServiceBusException or TimeoutException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"Service Bus queue '{queue}': {what} failed: {exception.Message}", exception);
        }
    }

    public static Task GuardAsync(string queue, string what, Func<Task> call) => GuardAsync(queue, what, async () =>
    {
        await call().ConfigureAwait(false);
        return true;
    });
}
