namespace Pipeline.Incidents;

/// <summary>How fast is fast enough, by the reference seed's "Four Golden Metrics". A mean must be less than its target to meet it.</summary>
public static class ResponseTargets
{
    /// <summary>Mean time to detect: 5 min for SEV-1.</summary>
    public static TimeSpan? Detect(Severity severity) => severity == Severity.Sev1 ? TimeSpan.FromMinutes(5) : null;

    /// <summary>Mean time to acknowledge: 5 min for SEV-1, 15 min for SEV-2.</summary>
    public static TimeSpan? Acknowledge(Severity severity) => severity switch
    {
        Severity.Sev1 => TimeSpan.FromMinutes(5),
        Severity.Sev2 => TimeSpan.FromMinutes(15),
        _ => null,
    };

    /// <summary>Mean time to resolve (the seed's MTTR): 1 h for SEV-1, 4 h for SEV-2.</summary>
    public static TimeSpan? Resolve(Severity severity) => severity switch
    {
        Severity.Sev1 => TimeSpan.FromHours(1),
        Severity.Sev2 => TimeSpan.FromHours(4),
        _ => null,
    };
}
