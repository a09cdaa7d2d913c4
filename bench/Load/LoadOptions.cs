namespace Pipeline.Bench.Load;

internal enum Measurement
{
    /// <summary>The most posts a second, both targets in turn.</summary>
    Accept,

    /// <summary>Latency of an answer at a fixed rate, half of the most unless told otherwise.</summary>
    Latency,

    /// <summary>How fast accepted alerts are in incidents.</summary>
    Apply,

    /// <summary>Seconds from the 2xx to the page.</summary>
    Page,

    /// <summary>Resident memory with many alerts seen and many escalations waiting.</summary>
    Memory,
}

internal enum Target
{
    Pipeline,
    Alertmanager,
}

internal sealed record LoadOptions
{
    public required IReadOnlyList<Measurement> Measure { get; init; }

    public required IReadOnlyList<Target> Targets { get; init; }

    public required IReadOnlyList<int> AlertsPerPost { get; init; }

    public required int Connections { get; init; }

    public required TimeSpan Time { get; init; }

    /// <summary>Not measured: compilers and caches get warm, on both sides.</summary>
    public required TimeSpan WarmUp { get; init; }

    public required int Rounds { get; init; }

    /// <summary>Posts a second for <see cref="Measurement.Latency"/>; null: half of what was measured.</summary>
    public double? Rate { get; init; }

    /// <summary>Alerts told apart by their labels; then the same come again, as Prometheus repeats them.</summary>
    public required int Distinct { get; init; }

    /// <summary>The alerts are spread over so many services, each of which makes an incident.</summary>
    public required int Services { get; init; }

    /// <summary>Alerts a second posted beside the paged ones in <see cref="Measurement.Page"/>.</summary>
    public required int Background { get; init; }
}
