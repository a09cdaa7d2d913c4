using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>Where an alert belongs, read from its labels by configuration.</summary>
/// <param name="Service">Its service label; else <c>namespace/workload</c> of Kubernetes; else <see cref="NoService"/>.</param>
/// <param name="Environment">In lower case, without synonyms: <c>PROD</c> is <c>production</c>.</param>
/// <param name="Host">The machine or target, where nothing else tells such alerts apart: only without a service.</param>
/// <param name="Cluster">Where it isn't the environment itself.</param>
public readonly record struct AlertScope(
    string Service, string Environment, string? Region = null, string? Namespace = null, string? Host = null, string? Cluster = null)
{
    /// <summary>The service of an alert that names none; such alerts are kept apart by their name.</summary>
    public const string NoService = "unknown";

    // What is longer is told apart by its beginning; a name isn't that long.
    internal const int MaxValue = 120;

    private static readonly string[] HostLabels = ["node", "nodename", "instance", "host", "hostname"];

    /// <summary>Returns the scope. An exporter's own job, namespace and pod don't count: they say who measured, not what failed.</summary>
    public static AlertScope Of(Alert alert, CorrelationConfiguration configuration) => Of(alert.Labels, configuration);

    /// <inheritdoc cref="Of(Alert, CorrelationConfiguration)"/>
    public static AlertScope Of(IReadOnlyDictionary<string, string> labels, CorrelationConfiguration configuration)
    {
        var environment = EnvironmentOf(labels, configuration);
        var cluster = Value(labels, "cluster") is { } name && FoldEnvironment(name, configuration) != environment ? name : null;
        var region = First(labels, configuration.RegionLabels);
        var workload = WorkloadOf(labels, configuration);
        var isMeasurer = workload is not null && NamePattern.AnyMatches(configuration.ExporterJobs, workload);
        var named = isMeasurer ? null : workload;
        var place = named is null && IsMeasurersOwn(workload, labels) ? null : First(labels, configuration.NamespaceLabels);
        if (ServiceOf(labels, configuration) is { } service)
        {
            return new AlertScope(service, environment, region, place, Cluster: cluster);
        }

        return (place, named) switch
        {
            (null, null) => new AlertScope(NoService, environment, region, null, HostOf(labels), cluster),
            (null, { } alone) => new AlertScope(alone, environment, region, Cluster: cluster),
            ({ } all, null) => new AlertScope(all, environment, region, all, Cluster: cluster),
            var (inside, what) => new AlertScope($"{inside}/{what}", environment, region, inside, Cluster: cluster),
        };
    }

    /// <summary>Returns the environment's name without regard to case, <paramref name="name"/> being as an alert or a person wrote it.</summary>
    public static string FoldEnvironment(string name, CorrelationConfiguration configuration)
    {
        var folded = MarkdownText.OneLine(name, MaxValue).ToLowerInvariant();
        return configuration.EnvironmentAliases.TryGetValue(folded, out var meant) ? meant.ToLowerInvariant() : folded;
    }

    // Of a node its exporter tells without a namespace; one that is there is the exporter's own. kube-state-metrics' pod can stand beside
    // the failing namespace, where its scrape keeps the metric's labels.
    private static bool IsMeasurersOwn(string? exporter, IReadOnlyDictionary<string, string> labels) =>
        labels.ContainsKey("node") || exporter?.Contains("state-metrics", StringComparison.Ordinal) == false;

    private static string EnvironmentOf(IReadOnlyDictionary<string, string> labels, CorrelationConfiguration configuration) =>
        FoldEnvironment(First(labels, configuration.EnvironmentLabels) ?? configuration.DefaultEnvironment, configuration);

    private static string? ServiceOf(IReadOnlyDictionary<string, string> labels, CorrelationConfiguration configuration)
    {
        foreach (var name in configuration.ServiceLabels)
        {
            if (Value(labels, name) is { } value && !NamePattern.AnyMatches(configuration.ExporterJobs, value))
            {
                return value;
            }
        }

        return null;
    }

    private static string? WorkloadOf(IReadOnlyDictionary<string, string> labels, CorrelationConfiguration configuration)
    {
        foreach (var name in configuration.WorkloadLabels)
        {
            if (Value(labels, name) is { } value)
            {
                return KubernetesName.Workload(name, value);
            }
        }

        return null;
    }

    // The port is the exporter's.
    private static string? HostOf(IReadOnlyDictionary<string, string> labels)
    {
        if (First(labels, HostLabels) is not { } host)
        {
            return null;
        }

        var colon = host.LastIndexOf(':');
        return colon > 0 && host.AsSpan(colon + 1) is { Length: > 0 } port && port.IndexOfAnyExceptInRange('0', '9') < 0 ? host[..colon] : host;
    }

    private static string? First(IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (Value(labels, name) is { } value)
            {
                return value;
            }
        }

        return null;
    }

    private static string? Value(IReadOnlyDictionary<string, string> labels, string name) =>
        labels.TryGetValue(name, out var value) && MarkdownText.OneLine(value, MaxValue) is { Length: > 0 } text ? text : null;
}
