namespace Azure.Messaging.ServiceBus;

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusexception</summary>
public class ServiceBusException : Exception
{
    public ServiceBusException()
    {
    }

    public ServiceBusException(
        bool isTransient,
        string message,
        string? entityName = null,
        ServiceBusFailureReason reason = ServiceBusFailureReason.GeneralError,
        Exception? innerException = null)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        EntityPath = entityName;
        Reason = reason;
    }

    public string? EntityPath { get; }

    public bool IsTransient { get; }

    public ServiceBusFailureReason Reason { get; }
}

/// <summary>https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusfailurereason</summary>
public enum ServiceBusFailureReason
{
    GeneralError = 0,
    MessagingEntityNotFound = 1,
    MessageLockLost = 2,
    MessageNotFound = 3,
    MessageSizeExceeded = 4,
    MessagingEntityDisabled = 5,
    QuotaExceeded = 6,
    ServiceBusy = 7,
    ServiceTimeout = 8,
    ServiceCommunicationProblem = 9,
    SessionCannotBeLocked = 10,
    SessionLockLost = 11,
    MessagingEntityAlreadyExists = 12,
}
