namespace Pipeline.Runtime;

/// <summary>Something beside the table that an alert has to reach before its sender is answered; asked by the health probe.</summary>
public interface IReadiness
{
    /// <summary>What health calls it: <c>store</c>, or a queue's name.</summary>
    string Name { get; }

    /// <exception cref="StoreUnavailableException">It can't be reached, or not by this program; the message says why.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}
