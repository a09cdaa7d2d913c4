using Pipeline.Alerts;

namespace Pipeline.Incidents;

/// <summary>
/// What the cooldown goes by: the title of an alert and the place where it failed. Not its fingerprint, in which an exporter's new pod is another.
/// </summary>
public static class FailureKey
{
    /// <summary>So many an incident remembers of one round; a storm's others have no cooldown, and page.</summary>
    public const int MaxOfIncident = 90;

    public static string Of(Alert alert, AlertScope scope)
    {
        var title = alert.Name.Length == 0 ? alert.Fingerprint : alert.Name;
        return IncidentKeys.Hash(string.Join(
            '\n', title, scope.Service, scope.Environment, scope.Cluster, scope.Region, scope.Namespace, scope.Host));
    }

    /// <summary>Adds those that are new, as far as there is room.</summary>
    internal static IReadOnlyList<string> Add(IReadOnlyList<string> known, IEnumerable<string> failed) =>
        [.. known.Union(failed, StringComparer.Ordinal).Take(MaxOfIncident)];
}
