namespace Pipeline.Incidents;

/// <summary>
/// How far an incident reaches, by what its alerts name. Each list is bounded; an incident of more than that is everywhere already,
/// and nothing widens it any more.
/// </summary>
public sealed record IncidentReach
{
    public const int MaxValues = 50;

    public static IncidentReach Empty { get; } = new();

    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>More than one where the correlation key doesn't hold the environment.</summary>
    public IReadOnlyList<string> Environments { get; init; } = [];

    public IReadOnlyList<string> Clusters { get; init; } = [];

    public IReadOnlyList<string> Namespaces { get; init; } = [];

    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Machines and targets, of alerts without a service.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>What was recorded; of a new round, what the incident itself names.</summary>
    public static IncidentReach Of(Incident incident) => incident.Reach ?? Empty with
    {
        Services = [incident.Service],
        Environments = [incident.Environment],
        Regions = incident.Region is { } region ? [region] : [],
    };

    public IncidentReach With(AlertScope scope) => this with
    {
        Services = Added(Services, scope.Service),
        Environments = Added(Environments, scope.Environment),
        Clusters = Added(Clusters, scope.Cluster),
        Namespaces = Added(Namespaces, scope.Namespace),
        Regions = Added(Regions, scope.Region),
        Hosts = Added(Hosts, scope.Host),
    };

    /// <summary>
    /// What <paramref name="scope"/> adds, such as <c>namespace payments</c>; null where it adds nothing. An alert that names no region adds none,
    /// and the first that names one makes the incident clearer, not wider.
    /// </summary>
    public string? Adds(AlertScope scope) =>
        Adds("service", Services, scope.Service)
        ?? Adds("environment", Environments, scope.Environment)
        ?? Adds("cluster", Clusters, scope.Cluster)
        ?? Adds("namespace", Namespaces, scope.Namespace)
        ?? Adds("region", Regions, scope.Region)
        ?? Adds("host", Hosts, scope.Host);

    private static string? Adds(string kind, IReadOnlyList<string> held, string? value) =>
        value is not null && held.Count is > 0 and < MaxValues && !Holds(held, value) ? $"{kind} {value}" : null;

    private static IReadOnlyList<string> Added(IReadOnlyList<string> held, string? value) =>
        value is null || held.Count >= MaxValues || Holds(held, value) ? held : [.. held, value];

    private static bool Holds(IReadOnlyList<string> held, string value) => held.Contains(value, StringComparer.OrdinalIgnoreCase);
}
