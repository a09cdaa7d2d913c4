using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

public enum CorrelationDecision
{
    /// <summary>Nothing for an incident here: no incident, and nothing that fires.</summary>
    Ignore,

    /// <summary>It belongs to the incident that is there.</summary>
    Join,

    /// <summary>A new failure inside the reopen window.</summary>
    Reopen,

    /// <summary>No incident, a closed one, or one resolved too long ago.</summary>
    Open,
}

/// <summary>Third stage: which alerts are one incident.</summary>
public static class Correlation
{
    /// <summary>Alerts with the same key are one incident. Labels that a key asks for and an alert lacks count as empty.</summary>
    public static string Key(Alert alert, CorrelationConfiguration configuration)
    {
        var scope = AlertScope.Of(alert, configuration);
        var parts = configuration.By.Select(name => $"{name}={Quote(Value(alert, scope, name))}");

        // Without a service there is nothing to gather alerts by: merging strangers would hide one behind the other.
        return string.Join(
            ',',
            scope.Service == AlertScope.NoService
                ? parts.Append($"alertname={Quote(MarkdownText.OneLine(alert.Name, AlertScope.MaxValue))}")
                : parts);
    }

    /// <summary>The queue session that handles a key's alerts in order; short enough for every queue.</summary>
    public static string SessionOf(Alert alert, CorrelationConfiguration configuration) => IncidentKeys.Hash(Key(alert, configuration));

    /// <param name="incident">The incident that holds the claim on the key, or null.</param>
    /// <param name="brings">What the alert is to that incident.</param>
    public static CorrelationDecision Decide(Incident? incident, AlertNews brings, DateTimeOffset now, TimeSpan reopenWindow)
    {
        if (incident is null)
        {
            return brings == AlertNews.New ? CorrelationDecision.Open : CorrelationDecision.Ignore;
        }

        if (incident.IsOpen)
        {
            return CorrelationDecision.Join;
        }

        var inWindow = incident.Stage == IncidentStage.Resolved && now - incident.ResolvedAt < reopenWindow;
        return brings switch
        {
            AlertNews.New or AlertNews.Refired => inWindow ? CorrelationDecision.Reopen : CorrelationDecision.Open,
            _ => CorrelationDecision.Join,
        };
    }

    /// <summary>
    /// An alert that a person resolved over goes on firing. Inside the window that is what they meant; after it, it is a failure of its own.
    /// </summary>
    public static bool OutlivesItsIncident(Incident incident, IncidentAlert known, AlertNews brings, DateTimeOffset now, TimeSpan reopenWindow) =>
        brings == AlertNews.Repeat
        && known.Status != IncidentAlertStatus.Resolved
        && !incident.IsOpen
        && now - incident.ResolvedAt >= reopenWindow;

    // A value can hold what separates values; two different alerts must not share a key for it.
    private static string Quote(string value) =>
        value.AsSpan().ContainsAny(',', '=', '"') ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;

    private static string Value(Alert alert, AlertScope scope, string name) => name switch
    {
        "service" => scope.Service,
        "environment" => scope.Environment,
        "region" => scope.Region ?? "",
        "namespace" when scope.Namespace is { } place => place,
        _ => MarkdownText.OneLine(alert.Labels.GetValueOrDefault(name, ""), AlertScope.MaxValue),
    };
}
