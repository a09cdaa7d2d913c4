using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>The faults of Service Bus as the port's: what passes by itself, or is the operator's to mend, is a store that is unavailable.</summary>
internal static class ServiceBusFaults
{
    public static Task<T> GuardAsync<T>(string queue, string what, Func<Task<T>> call) => GuardAsync(
        queue, what, call, exception => exception is ServiceBusException or TimeoutException or UnauthorizedAccessException or AuthenticationFailedException);

    public static Task GuardAsync(string queue, string what, Func<Task> call) => GuardAsync(queue, what, Counting(call));

    /// <summary>A trigger's messages are settled through the Functions host, whose faults are those of its own protocol, whatever they are.</summary>
    public static Task GuardSettlingAsync(string queue, Func<Task> call) =>
        GuardAsync(queue, "settling", Counting(call), exception => exception is not (OperationCanceledException or ArgumentException));

    private static async Task<T> GuardAsync<T>(string queue, string what, Func<Task<T>> call, Func<Exception, bool> isTheirs)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception exception) when (isTheirs(exception))
        {
            throw new StoreUnavailableException($"Service Bus queue '{queue}': {what} failed: {exception.Message}", exception);
        }
    }

    private static Func<Task<bool>> Counting(Func<Task> call) => async () =>
    {
        await call().ConfigureAwait(false);
        return true;
    };
}
