using Azure.Identity;
using Azure.Messaging.ServiceBus;

namespace Pipeline.Functions.ServiceBus;

/// <summary>Maps a failed call to Service Bus to its meaning for the caller.</summary>
internal enum FaultMeaning
{
    /// <summary>The connection or the answer was lost; a second try may do.</summary>
    TryAgain,

    /// <summary>The namespace throttles; its own answer asks for two seconds.</summary>
    TryAgainWhenCalm,

    /// <summary>It passes by itself or is the operator's to mend, but not while a caller waits.</summary>
    Unavailable,

    /// <summary>The message itself is refused, and will be each time.</summary>
    MessageRefused,
}

/// <summary>Tells the faults of Service Bus apart.</summary>
internal static class ServiceBusFaults
{
    /// <summary>
    /// Returns what an exception of the client means. What it doesn't know is the service's: nothing was accepted that the caller knows
    /// of, so it tries again later. (For an outcome that is neither taken nor refused the client throws a NullReferenceException.)
    /// </summary>
    /// <param name="carriesMessages">Whether the call sent messages; only then can one of them be what was refused.</param>
    public static FaultMeaning Decide(Exception exception, bool carriesMessages) => exception switch
    {
        ServiceBusException { Reason: var reason } => Decide(reason, carriesMessages),
        // Conditions com.microsoft:argument-error and argument-out-of-range, and the client's own checks.
        ArgumentException => carriesMessages ? FaultMeaning.MessageRefused : FaultMeaning.Unavailable,
        // Conditions amqp:unauthorized-access and com.microsoft:auth-failed; no token to be had; amqp:not-allowed; amqp:not-implemented.
        UnauthorizedAccessException or AuthenticationFailedException or InvalidOperationException or NotSupportedException => FaultMeaning.Unavailable,
        TimeoutException or IOException or OperationCanceledException => FaultMeaning.TryAgain,
        _ => FaultMeaning.Unavailable,
    };

    private static FaultMeaning Decide(ServiceBusFailureReason reason, bool carriesMessages) => reason switch
    {
        ServiceBusFailureReason.ServiceBusy => FaultMeaning.TryAgainWhenCalm,
        ServiceBusFailureReason.ServiceCommunicationProblem or ServiceBusFailureReason.ServiceTimeout => FaultMeaning.TryAgain,
        // A general error is what the client makes of conditions that it doesn't know, such as amqp:internal-error.
        ServiceBusFailureReason.GeneralError => FaultMeaning.TryAgain,
        ServiceBusFailureReason.MessageSizeExceeded when carriesMessages => FaultMeaning.MessageRefused,
        // Not found, disabled, over its quota; and the locks of dead letters, which come again.
        _ => FaultMeaning.Unavailable,
    };
}
