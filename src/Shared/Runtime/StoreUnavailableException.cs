namespace Pipeline.Runtime;

/// <summary>
/// The store can't be written or read now. What was asked has not happened, or isn't known to have happened;
/// the HTTP API answers it with 503 and Retry-After.
/// </summary>
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException()
    {
    }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The store is damaged: waiting doesn't mend it, and a person has to restore it.</summary>
    public bool IsCorrupt { get; init; }
}
