using System.Globalization;

namespace Pipeline.Incidents.Alertmanagers;

/// <param name="Before">The alert as the incident had it.</param>
internal sealed record AskedResult(IncidentAlert Before, AskedAnswer Answer, IncidentAlert After);

/// <summary>What the answers of an Alertmanager do to an incident.</summary>
internal static class AskedResults
{
    public static void Apply(IncidentChange change, IReadOnlyList<AskedResult> results)
    {
        foreach (var result in results)
        {
            change.Put(result.After);
        }

        Tell(change, results, "Held back by a silence or an inhibition, and still firing in Alertmanager", result =>
            result.Answer == AskedAnswer.Suppressed && result.Before.Asked?.IsSuppressed != true);
        Tell(change, results, "Not heard of, and still firing in Alertmanager, which was asked", result =>
            result is { Answer: AskedAnswer.Fires, Before.Status: IncidentAlertStatus.Stale });
        var gone = results.Where(result => result.Answer == AskedAnswer.Gone).ToList();
        if (gone.Count == 0)
        {
            return;
        }

        change.Head = change.Head with { FiringAlerts = change.Head.FiringAlerts - gone.Count };
        change.Log(TimelineKind.AlertResolved, string.Create(
            CultureInfo.InvariantCulture,
            $"Recovered: {Names(gone)}; {change.Head.FiringAlerts} still firing. No resolve came; Alertmanager was asked twice and no longer had it."));
        if (change.Head.FiringAlerts == 0)
        {
            IncidentTransitions.ResolveByRecovery(change);
        }
    }

    private static void Tell(IncidentChange change, IReadOnlyList<AskedResult> results, string what, Func<AskedResult, bool> isTold)
    {
        var told = results.Where(isTold).ToList();
        if (told.Count > 0)
        {
            change.Log(TimelineKind.Note, $"{what}: {Names(told)}.");
        }
    }

    private static string Names(IReadOnlyList<AskedResult> results) =>
        IntakeTexts.Names(results.Select(result => IntakeTexts.Short(result.Before.Labels.GetValueOrDefault("alertname", result.Before.Fingerprint))));
}
