using Pipeline.Alerts;

namespace Pipeline.Incidents;

/// <summary>An alert as its incident holds it, after another message of it.</summary>
internal static class AlertMerge
{
    public static IncidentAlert Merge(IncidentAlert? known, IntakeItem item, AlertNews news)
    {
        var alert = item.Alert;
        var history = History(known, item, news);
        if (known is not null && news is AlertNews.ResolveOfEarlierEpisode or AlertNews.ResolveAgain or AlertNews.FiresElsewhere)
        {
            return known! with { Count = known.Count + 1, LastSeenAt = LastSeen(known, alert), LastSequence = item.Sequence, History = history };
        }

        var isSameEpisode = known is not null && news is AlertNews.Repeat or AlertNews.Recovered;
        return new IncidentAlert
        {
            Fingerprint = alert.Fingerprint,
            Status = alert.Status == AlertStatus.Firing ? IncidentAlertStatus.Firing : IncidentAlertStatus.Resolved,
            Labels = alert.Labels,
            Annotations = alert.Annotations,
            StartsAt = isSameEpisode && known!.StartsAt <= alert.EpisodeStartsAt ? known.StartsAt : alert.StartsAt,
            LatestStartsAt = LatestStart(isSameEpisode ? known : null, alert),
            EndsAt = alert.EndsAt,
            GeneratorUrl = alert.GeneratorUrl ?? known?.GeneratorUrl,
            Count = (known?.Count ?? 0) + 1,
            LastSeenAt = LastSeen(known, alert),
            Severity = isSameEpisode ? Severities.Worse(known!.Severity, item.Severity.Severity) : item.Severity.Severity,
            LastSequence = item.Sequence,
            Sender = SenderMemory.Of(alert),
            History = history,
        };
    }

    private static DateTimeOffset? LatestStart(IncidentAlert? known, Alert alert)
    {
        var latest = known?.LatestStartsAt > alert.EpisodeStartsAt ? known.LatestStartsAt.Value : alert.EpisodeStartsAt;
        return latest > alert.StartsAt || latest > known?.StartsAt ? latest : null;
    }

    // Of two processes that receive, one may have the slower clock.
    private static DateTimeOffset LastSeen(IncidentAlert? known, Alert alert) => known?.LastSeenAt > alert.ReceivedAt ? known.LastSeenAt : alert.ReceivedAt;

    private static AlertHistory History(IncidentAlert? known, IntakeItem item, AlertNews news)
    {
        var alert = item.Alert;
        var start = alert.EpisodeStartsAt;
        var history = known?.History ?? item.EarlierHistory;
        if (item.End.Seen is { } end)
        {
            history = history.With(end with { IsApplied = end.IsApplied || news == AlertNews.Recovered }, item.End.Before);
        }
        else if (alert is { Status: AlertStatus.Resolved, EndsAt: { } stated })
        {
            history = history.With(new SeenEnd(start, stated, alert.ReceivedAt, IsApplied: news == AlertNews.Recovered || history.WasApplied(start, stated)));
        }

        if (alert.Status == AlertStatus.Resolved)
        {
            return news == AlertNews.Recovered ? history.WithoutFirings() : history.WithoutFiring(start);
        }

        // Without a start of its own the time of receipt stands for it, another each time.
        var namedNoEnd = alert.EndsAt is null && alert.Source == AlertSources.Prometheus.Name;
        return start == alert.ReceivedAt ? history : history.With(new SeenFiring(start, alert.EndsAt, namedNoEnd));
    }
}
