using System.Globalization;
using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>An alert on its way through the stages, with what was found out about it so far.</summary>
/// <param name="Known">The alert as the incident has it; null where it doesn't.</param>
public sealed record IntakeItem(Alert Alert, long Sequence, IncidentAlert? Known, AlertNews News, ClassificationDecision Severity)
{
    /// <summary>It starts something: a failure that wasn't there before this message.</summary>
    public bool IsNewFailure => News is AlertNews.New or AlertNews.Refired;
}

/// <summary>Which items belong to the incident that is there, and which call for another.</summary>
public sealed record IntakePlan(bool Reopens, IReadOnlyList<IntakeItem> Here, IReadOnlyList<IntakeItem> ForNewIncident);

/// <summary>The last stage, apply, as pure functions: what a batch of alerts does to one incident.</summary>
public static class IntakeStages
{
    private const int NamesInText = 3;
    private const int MaxTitle = 200;

    /// <param name="incident">The holder of the claim on the alerts' key, or null.</param>
    public static IntakePlan Plan(Incident? incident, IReadOnlyList<IntakeItem> items, DateTimeOffset now, TimeSpan reopenWindow)
    {
        var here = new List<IntakeItem>(items.Count);
        var fresh = new List<IntakeItem>();
        var begun = new HashSet<string>(StringComparer.Ordinal);
        var reopens = false;
        foreach (var item in items)
        {
            // What follows in the same batch on the failure that begins another incident belongs to that incident, its resolve above all.
            if (begun.Contains(item.Alert.Fingerprint))
            {
                fresh.Add(item with { Known = null });
                continue;
            }

            var decision = Correlation.Decide(incident, item.News, now, reopenWindow);
            if (decision == CorrelationDecision.Open
                || (incident is not null && item.Known is not null
                    && Correlation.OutlivesItsIncident(incident, item.Known, item.News, now, reopenWindow)))
            {
                fresh.Add(item with { Known = null, News = AlertNews.New });
                begun.Add(item.Alert.Fingerprint);
            }
            else if (decision != CorrelationDecision.Ignore)
            {
                here.Add(item);
                reopens |= decision == CorrelationDecision.Reopen;
            }
        }

        return new IntakePlan(reopens, here, fresh);
    }

    /// <summary>The incident that <paramref name="items"/> begin: new failures, and what the same batch told of them later.</summary>
    public static IncidentChange Open(
        CorrelationClaim claim, IReadOnlyList<IntakeItem> items, AlertScope scope, DateTimeOffset now, DateTimeOffset? holdPageUntil)
    {
        var worst = items.MinBy(item => item.Severity.Severity)!;
        var head = new Incident
        {
            Id = claim.IncidentId,
            Number = claim.Number,
            Title = TitleOf(worst.Alert),
            Severity = worst.Severity.Severity,
            SeverityReason = worst.Severity.Reason,
            Stage = IncidentStage.Detected,
            Service = scope.Service,
            Environment = scope.Environment,
            Region = scope.Region,
            CorrelationKey = claim.CorrelationKey,
            StartedAt = items.Min(item => item.Alert.StartsAt),
            DetectedAt = items.Min(item => item.Alert.ReceivedAt),
            RoundStartedAt = now,
            HoldPageUntil = holdPageUntil,
        };
        var change = new IncidentChange(head, now);
        change.Log(TimelineKind.Opened, $"{head.Severity.Text()} opened: {head.Title} ({scope.Service}, {scope.Environment}); severity from {head.SeverityReason}.");
        change.Signal(IncidentSignalKind.Opened, holdPageUntil: holdPageUntil);
        Apply(change, items);
        if (change.Head.FiringAlerts == 0)
        {
            IncidentTransitions.ResolveByRecovery(change);
        }

        return change;
    }

    /// <summary>Applies a batch to an incident that takes it in: reopens it first where the plan says so, resolves it last where nothing fires any more.</summary>
    public static void ApplyTo(IncidentChange change, IntakePlan plan, TimeSpan cooldown)
    {
        if (plan.Reopens)
        {
            var failures = plan.Here.Where(item => item.IsNewFailure).ToList();
            var suppression = Suppress(change.Head, failures, change.Now, cooldown);
            IncidentTransitions.Reopen(change, $"{Names(failures)} fired again.", suppression.Until);
        }

        var fired = change.Head.FiringAlerts;
        Apply(change, plan.Here);
        if (!plan.Reopens && change.Head.WantsPages && change.Head.HoldPageUntil > change.Now && plan.Here.Any(item => item.News == AlertNews.New))
        {
            change.Head = change.Head with { HoldPageUntil = null };
            change.Log(TimelineKind.Note, "A failure joined that the cooldown doesn't cover; the page goes out now.");
            change.Signal(IncidentSignalKind.HoldLifted);
        }

        if (change.Head.IsOpen && change.Head.FiringAlerts == 0 && (fired > 0 || plan.Reopens))
        {
            IncidentTransitions.ResolveByRecovery(change);
        }
    }

    /// <summary>The suppression stage for failures that come back to <paramref name="before"/>.</summary>
    public static SuppressionDecision Suppress(Incident? before, IReadOnlyList<IntakeItem> failures, DateTimeOffset now, TimeSpan cooldown) =>
        Suppression.Decide(
            before?.LastPagedAt,
            onlyKnownAlerts: failures.All(item => item.News == AlertNews.Refired),
            severityRose: before is not null && failures.Any(item => item.Severity.Severity.IsWorseThan(before.Severity)),
            now,
            cooldown);

    private static void Apply(IncidentChange change, IReadOnlyList<IntakeItem> items)
    {
        var fired = new List<IntakeItem>();
        var recovered = new List<IntakeItem>();
        ClassificationDecision? worst = null;
        foreach (var item in items)
        {
            // The same alert can stand in a batch more than once: each is applied to what the one before left.
            var known = change.Alerts.GetValueOrDefault(item.Alert.Fingerprint, item.Known!);
            var news = ReferenceEquals(known, item.Known) ? item.News : Deduplication.Decide(known, item.Alert, item.Sequence);
            if (news is AlertNews.AlreadyApplied or AlertNews.ResolveWithoutFiring)
            {
                continue;
            }

            change.Put(Merge(known, item, news));
            Count(change, known, news);
            if (news is AlertNews.New or AlertNews.Refired)
            {
                fired.Add(item);
            }
            else if (news is AlertNews.Recovered)
            {
                recovered.Add(item);
            }

            if (Calls(known, item, news) && (worst is null || item.Severity.Severity.IsWorseThan(worst.Severity)))
            {
                worst = item.Severity;
            }
        }

        Tell(change, fired, recovered);
        if (MendingTexts.Of(fired.Concat(recovered).Select(item => item.Alert)) is { } mended)
        {
            change.Log(TimelineKind.Note, mended);
        }

        if (worst is not null && change.Head.IsOpen && worst.Severity.IsWorseThan(change.Head.Severity))
        {
            IncidentTransitions.SetSeverity(change, worst.Severity, worst.Reason, by: null);
        }
    }

    // Only news raises the severity: a repeat of what a commander has judged already must not undo the judgement.
    private static bool Calls(IncidentAlert? known, IntakeItem item, AlertNews news) =>
        news is AlertNews.New or AlertNews.Refired
        || (news == AlertNews.Repeat && known is { Status: not IncidentAlertStatus.Resolved } && item.Severity.Severity.IsWorseThan(known.Severity));

    private static IncidentAlert Merge(IncidentAlert? known, IntakeItem item, AlertNews news)
    {
        var alert = item.Alert;
        if (known is not null && news == AlertNews.ResolveOfEarlierEpisode)
        {
            return known with { Count = known.Count + 1, LastSeenAt = LastSeen(known, alert), LastSequence = item.Sequence };
        }

        var isSameEpisode = known is not null && news is AlertNews.Repeat or AlertNews.Recovered;
        return new IncidentAlert
        {
            Fingerprint = alert.Fingerprint,
            Status = alert.Status == AlertStatus.Firing ? IncidentAlertStatus.Firing : IncidentAlertStatus.Resolved,
            Labels = alert.Labels,
            Annotations = alert.Annotations,
            StartsAt = isSameEpisode && known!.StartsAt < alert.StartsAt ? known.StartsAt : alert.StartsAt,
            LatestStartsAt = LatestStart(isSameEpisode ? known : null, alert),
            EndsAt = alert.EndsAt,
            GeneratorUrl = alert.GeneratorUrl ?? known?.GeneratorUrl,
            Count = (known?.Count ?? 0) + 1,
            LastSeenAt = LastSeen(known, alert),
            Severity = isSameEpisode ? Severities.Worse(known!.Severity, item.Severity.Severity) : item.Severity.Severity,
            LastSequence = item.Sequence,
        };
    }

    private static DateTimeOffset? LatestStart(IncidentAlert? known, Alert alert)
    {
        var latest = known?.LatestStartsAt > alert.EpisodeStartsAt ? known.LatestStartsAt.Value : alert.EpisodeStartsAt;
        return latest > alert.StartsAt || latest > known?.StartsAt ? latest : null;
    }

    // Of two processes that receive, one may have the slower clock.
    private static DateTimeOffset LastSeen(IncidentAlert? known, Alert alert) => known?.LastSeenAt > alert.ReceivedAt ? known.LastSeenAt : alert.ReceivedAt;

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

    private static void Tell(IncidentChange change, List<IntakeItem> fired, List<IntakeItem> recovered)
    {
        if (fired.Count > 0)
        {
            var earliest = fired.Min(item => item.Alert.StartsAt);
            change.Head = change.Head with { StartedAt = earliest < change.Head.StartedAt ? earliest : change.Head.StartedAt };
            change.Log(TimelineKind.AlertFired, $"Fired: {Names(fired)}.");
        }

        if (recovered.Count > 0)
        {
            var left = change.Head.FiringAlerts;
            change.Log(TimelineKind.AlertResolved, string.Create(CultureInfo.InvariantCulture, $"Recovered: {Names(recovered)}; {left} still firing."));
        }
    }

    private static string Names(IReadOnlyList<IntakeItem> items)
    {
        var groups = items
            .GroupBy(item => item.Alert.Name.Length == 0 ? item.Alert.Fingerprint : item.Alert.Name, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count())
            .ToList();
        var named = groups.Take(NamesInText).Select(group =>
            group.Count() == 1 ? Short(group.Key) : string.Create(CultureInfo.InvariantCulture, $"{Short(group.Key)} ×{group.Count()}"));
        var rest = groups.Skip(NamesInText).Sum(group => group.Count());
        var text = string.Join(", ", named);
        return rest == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text} and {rest} more");
    }

    private static string TitleOf(Alert alert)
    {
        var title = alert.Annotations.GetValueOrDefault("summary") ?? alert.Annotations.GetValueOrDefault("title") ?? alert.Name;
        return Short(string.IsNullOrWhiteSpace(title) ? $"Alert {alert.Fingerprint}" : title);
    }

    // One line, of bounded length: it goes to phones and into tables.
    private static string Short(string text) => MarkdownText.OneLine(text, MaxTitle);
}
