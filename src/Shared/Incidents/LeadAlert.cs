using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>The alert that tells most of an incident: the one that opened it, or made it worse or wider. What its sender wrote for people.</summary>
/// <param name="Detail">Its description; where it has none, or the title says the same, the labels that tell it apart. One line.</param>
/// <param name="Runbook">An http or https address, as <c>runbook_url</c> says; null where it says none.</param>
/// <param name="Source">The same of its <c>generatorURL</c>.</param>
public sealed record LeadAlert(string Name, string? Detail, string? Runbook, string? Source)
{
    private const int MaxDetail = 500;
    private const int MaxValue = 80;
    private const int MaxAddress = 1000;
    private const int LabelsInText = 6;

    private static readonly string[] DescriptionNames = ["description", "message", "details"];
    private static readonly string[] RunbookNames = ["runbook_url", "runbook", "runbookUrl"];

    /// <summary>Labels that tell an alert apart, the most telling first.</summary>
    private static readonly string[] TellingLabels =
    [
        "namespace", "deployment", "statefulset", "daemonset", "job_name", "cronjob", "pod", "container", "node", "instance", "device", "mountpoint",
        "persistentvolumeclaim", "reason",
    ];

    /// <summary>Labels that the title, the severity or the place say already, or that say where the alert was made.</summary>
    private static readonly HashSet<string> SaidElsewhere = new(StringComparer.Ordinal)
    {
        "alertname", "severity", "priority", "level", "service", "environment", "env", "region", "job", "endpoint", "prometheus", "prometheus_replica", "uid",
    };

    public static LeadAlert Of(Alert alert)
    {
        var title = IntakeTexts.TitleOf(alert);
        var description = First(alert, DescriptionNames) is { } text ? MarkdownText.OneLine(text, MaxDetail) : "";
        return new LeadAlert(
            IntakeTexts.NameOf(alert),
            description.Length > 0 && description != title ? description : Labels(alert),
            First(alert, RunbookNames) is { } runbook ? Address(runbook) : null,
            alert.GeneratorUrl is { } source ? Address(source) : null);
    }

    /// <summary>For a message, each on a line of its own; empty where its sender wrote nothing.</summary>
    public IEnumerable<string> Lines()
    {
        if (Detail is not null)
        {
            yield return Detail;
        }

        if (Runbook is not null)
        {
            yield return $"Runbook: {Runbook}";
        }

        if (Source is not null)
        {
            yield return $"Source: {Source}";
        }
    }

    private static string? First(Alert alert, string[] names) =>
        names.Select(name => alert.Annotations.GetValueOrDefault(name)).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

    private static string? Labels(Alert alert)
    {
        var told = alert.Labels
            .Where(label => !SaidElsewhere.Contains(label.Key))
            .OrderBy(label => Array.IndexOf(TellingLabels, label.Key) is var place and >= 0 ? place : TellingLabels.Length)
            .ThenBy(label => label.Key, StringComparer.Ordinal)
            .Take(LabelsInText)
            .Select(label => $"{MarkdownText.OneLine(label.Key, MaxValue)}={MarkdownText.OneLine(label.Value, MaxValue)}");
        return string.Join(", ", told) is { Length: > 0 } text ? text : null;
    }

    /// <summary>An alert is written by others: only an address that a person can follow without harm is passed on, and never a password in one.</summary>
    private static string? Address(string text) =>
        text.Length <= MaxAddress && Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https" && address.Host.Length > 0 && address.UserInfo.Length == 0
            ? address.AbsoluteUri
            : null;
}
