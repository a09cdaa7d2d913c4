namespace Pipeline.Runtime;

/// <summary>Shows what waits in a queue, without taking it.</summary>
public interface IBacklog
{
    /// <summary>
    /// Returns the message that was sent first of those that aren't settled, whether it waits or is in a receiver's hands; null where there is none.
    /// Dead letters don't count.
    /// </summary>
    Task<ReceivedMessage?> OldestAsync(CancellationToken cancellationToken = default);
}
