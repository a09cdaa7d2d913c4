using System.Globalization;
using Pipeline.Alerts;

namespace Pipeline.Incidents;

/// <summary>What a batch of alerts does to the incident that takes it in, short of reopening and resolving it.</summary>
internal static class AlertApplication
{
    public static void Apply(IncidentChange change, IReadOnlyList<IntakeItem> items)
    {
        var told = new Told();
        IntakeItem? worst = null;
        foreach (var item in items)
        {
            // The same alert can stand in a batch more than once: each is applied to what the one before left.
            var known = change.Alerts.GetValueOrDefault(item.Alert.Fingerprint, item.Known!);
            var news = ReferenceEquals(known, item.Known) ? item.News : Deduplication.Decide(known, item.Alert, item.Sequence);
            if (news is AlertNews.AlreadyApplied or AlertNews.ResolveWithoutFiring)
            {
                continue;
            }

            change.Put(AlertMerge.Merge(known, item, news));
            Count(change, known, news);
            told.Note(item, known, news);
            if (Calls(known, item, news) && (worst is null || item.Severity.Severity.IsWorseThan(worst.Severity.Severity)))
            {
                worst = item;
            }
        }

        Tell(change, told);
        if (MendingTexts.Of(told.Fired.Concat(told.Recovered).Select(item => item.Alert)) is { } mended)
        {
            change.Log(TimelineKind.Note, mended);
        }

        var rises = worst is not null && change.Head.IsOpen && worst.Severity.Severity.IsWorseThan(change.Head.Severity);
        Joining.Apply(change, told.Fired, rises);
        if (rises)
        {
            change.Head = change.Head with { Lead = LeadAlert.Of(worst!.Alert) };
            IncidentTransitions.SetSeverity(change, worst.Severity.Severity, worst.Severity.Reason, by: null, IntakeTexts.NameOf(worst.Alert));
        }
    }

    // Only news raises the severity: a repeat of what a commander has judged already must not undo the judgement.
    private static bool Calls(IncidentAlert? known, IntakeItem item, AlertNews news) =>
        news is AlertNews.New or AlertNews.Refired
        || (news == AlertNews.Repeat && known is { Status: not IncidentAlertStatus.Resolved } && item.Severity.Severity.IsWorseThan(known.Severity));

    private static void Count(IncidentChange change, IncidentAlert? known, AlertNews news)
    {
        var wasFiring = known is not null && known.Status != IncidentAlertStatus.Resolved;
        var fires = news is AlertNews.New or AlertNews.Refired || (news is not AlertNews.Recovered && wasFiring);
        var step = (fires ? 1 : 0) - (wasFiring ? 1 : 0);
        if (step != 0 || known is null)
        {
            change.Head = change.Head with
            {
                FiringAlerts = change.Head.FiringAlerts + step,
                TotalAlerts = change.Head.TotalAlerts + (known is null ? 1 : 0),
            };
        }
    }

    private static void Tell(IncidentChange change, Told told)
    {
        if (told.Fired.Count > 0)
        {
            var earliest = told.Fired.Min(item => item.Alert.StartsAt);
            change.Head = change.Head with
            {
                StartedAt = earliest < change.Head.StartedAt ? earliest : change.Head.StartedAt,

                // Whoever said that the impact had ended didn't know of this.
                MitigatedAt = null,
                Failures = FailureKey.Add(change.Head.Failures, told.Fired.Select(item => item.FailureKey)),
                FiredBeforeListening = change.Head.FiredBeforeListening || told.Fired.Any(item => item.FiredBeforeListening),
            };
            change.Log(TimelineKind.AlertFired, $"Fired: {IntakeTexts.Names(told.Fired)}.");
        }

        if (told.BySlowClock.Count > 0)
        {
            change.Log(TimelineKind.Note, IntakeTexts.SlowClock(told.BySlowClock));
        }

        if (told.HeardAgain.Count > 0)
        {
            change.Log(TimelineKind.Note, IntakeTexts.HeardAgain(told.HeardAgain));
        }

        if (told.Recovered.Count > 0)
        {
            var left = change.Head.FiringAlerts;
            change.Log(TimelineKind.AlertResolved, string.Create(CultureInfo.InvariantCulture, $"Recovered: {IntakeTexts.Names(told.Recovered)}; {left} still firing."));
        }
    }

    /// <summary>What of a batch the timeline tells.</summary>
    private sealed class Told
    {
        public List<IntakeItem> Fired { get; } = [];

        public List<IntakeItem> Recovered { get; } = [];

        public List<IntakeItem> BySlowClock { get; } = [];

        /// <summary>Alerts that were stale, each with the time for which it had been silent.</summary>
        public List<(IntakeItem Item, TimeSpan Silence)> HeardAgain { get; } = [];

        public void Note(IntakeItem item, IncidentAlert? known, AlertNews news)
        {
            switch (news)
            {
                case AlertNews.New or AlertNews.Refired:
                    Fired.Add(item);
                    if (item.End.Reading == EndReading.FiresByASlowClock)
                    {
                        BySlowClock.Add(item);
                    }

                    break;
                case AlertNews.Recovered:
                    Recovered.Add(item);
                    break;
                case AlertNews.Repeat when known is { Status: IncidentAlertStatus.Stale } && item.Alert.Status == AlertStatus.Firing:
                    HeardAgain.Add((item, item.Alert.ReceivedAt - known.LastSeenAt));
                    break;
                default:
                    break;
            }
        }
    }
}
