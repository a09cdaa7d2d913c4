namespace Pipeline.Api;

/// <summary>What a check of one part found.</summary>
internal enum PartState
{
    Ready,

    /// <summary>It can't be reached or written now.</summary>
    Away,

    /// <summary>It didn't answer in time.</summary>
    Silent,

    /// <summary>It is damaged, and a person has to restore it.</summary>
    Corrupt,
}

internal enum HealthStatus
{
    /// <summary>An alert would be accepted now.</summary>
    Ready,

    /// <summary>The memory for bodies is all taken: posts hear 503 until some are done.</summary>
    Overloaded,

    /// <summary>Something that an alert has to reach is away.</summary>
    Unavailable,

    /// <summary>The store is damaged.</summary>
    Corrupt,
}

internal static class HealthDecision
{
    /// <summary>The worst that is so.</summary>
    public static HealthStatus Decide(IEnumerable<PartState> parts, bool hasRoom) => parts.DefaultIfEmpty(PartState.Ready).Max() switch
    {
        PartState.Corrupt => HealthStatus.Corrupt,
        PartState.Away or PartState.Silent => HealthStatus.Unavailable,
        _ => hasRoom ? HealthStatus.Ready : HealthStatus.Overloaded,
    };

    public static string Words(HealthStatus status) => status switch
    {
        HealthStatus.Ready => "ready",
        HealthStatus.Overloaded => "overloaded",
        HealthStatus.Unavailable => "unavailable",
        _ => "corrupt",
    };

    /// <param name="ready">The word for <see cref="PartState.Ready"/>.</param>
    /// <param name="away">The word for <see cref="PartState.Away"/>.</param>
    public static string Words(PartState state, string ready, string away) => state switch
    {
        PartState.Ready => ready,
        PartState.Away => away,
        PartState.Silent => "silent",
        _ => "corrupt",
    };
}
