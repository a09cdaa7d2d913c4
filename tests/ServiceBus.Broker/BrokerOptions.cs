namespace Pipeline.Tests.ServiceBus;

/// <summary>
/// The settings of every queue, and what Service Bus's documentation leaves open: tests that depend on such a detail run both ways.
/// </summary>
public sealed record BrokerOptions
{
    /// <summary>Messages have a session id, and receivers take a session.</summary>
    public bool RequiresSession { get; init; } = true;

    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Deliveries that failed before the broker makes the message a dead letter itself.</summary>
    public int MaxDeliveryCount { get; init; } = 2000;

    /// <summary>Of one message, or of a batch as it is sent.</summary>
    public ulong MaxMessageBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// Whether a session that ends without a settlement counts a delivery of the messages it held. Documented as no, for a receiver that
    /// closes it; open for a connection that breaks.
    /// </summary>
    public bool CountsEndedSessions { get; init; }

    /// <summary>Whether the session of a broken connection stays locked until its lock expires. Open.</summary>
    public bool KeepsLocksOfBrokenConnections { get; init; }

    /// <summary>Whether a dead letter gets a new sequence number. Open.</summary>
    public bool RenumbersDeadLetters { get; init; }

    /// <summary>Whether the delivery at which a message was made a dead letter counts. Open.</summary>
    public bool CountsDeadLettering { get; init; } = true;

    /// <summary>Whether a receiver that asks for the next session where none is ready is told so at once, instead of when its time is up.</summary>
    public bool AnswersWithoutSessionAtOnce { get; init; } = true;
}
