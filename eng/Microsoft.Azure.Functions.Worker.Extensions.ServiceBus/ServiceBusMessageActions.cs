using Azure.Messaging.ServiceBus;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Has the official members of version 5.24.0 that the app calls. The official package settles through the Functions host; here only
/// what a test derives does.
/// https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.servicebusmessageactions
/// </summary>
public class ServiceBusMessageActions
{
    protected ServiceBusMessageActions()
    {
    }

    public virtual Task CompleteMessageAsync(
        ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) => throw NoHost();

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) => throw NoHost();

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default) => throw NoHost();

    private static NotSupportedException NoHost() =>
        new("This is the stand-in. The official Microsoft.Azure.Functions.Worker.Extensions.ServiceBus settles messages.");
}
