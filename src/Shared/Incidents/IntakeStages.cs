using Pipeline.Alerts;

namespace Pipeline.Incidents;

/// <summary>An alert on its way through the stages, with what was found out about it so far.</summary>
/// <param name="Known">The alert as the incident has it; null where it doesn't.</param>
public sealed record IntakeItem(Alert Alert, long Sequence, IncidentAlert? Known, AlertNews News, ClassificationDecision Severity)
{
    /// <summary>Where it belongs.</summary>
    public AlertScope Scope { get; init; }

    /// <summary>What its end says of its sender's clock.</summary>
    public EndDecision End { get; init; }

    /// <summary>What its senders said before the incident that takes it in had it.</summary>
    public AlertHistory EarlierHistory { get; init; } = AlertHistory.Empty;

    /// <summary>It had begun long before its sender sent anything here, so nobody can say how late it was detected.</summary>
    public bool FiredBeforeListening { get; init; }

    /// <summary>What the cooldown goes by.</summary>
    public string FailureKey => Incidents.FailureKey.Of(Alert, Scope);

    /// <summary>It starts something: a failure that wasn't there before this message.</summary>
    public bool IsNewFailure => News is AlertNews.New or AlertNews.Refired;
}

/// <summary>Which items belong to the incident that is there, and which call for another.</summary>
public sealed record IntakePlan(bool Reopens, IReadOnlyList<IntakeItem> Here, IReadOnlyList<IntakeItem> ForNewIncident)
{
    /// <summary>The failures that <see cref="Suppression"/> is asked about where the incident that is there takes them in.</summary>
    public IReadOnlyList<IntakeItem> FailuresHere => [.. Here.Where(item => item.IsNewFailure)];
}

/// <summary>The last stage, apply, as pure functions: what a batch of alerts does to one incident.</summary>
public static class IntakeStages
{
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
                fresh.Add(ForAnother(item));
                continue;
            }

            var decision = Correlation.Decide(incident, item.News, now, reopenWindow);
            if (decision == CorrelationDecision.Open
                || (incident is not null && item.Known is not null
                    && Correlation.OutlivesItsIncident(incident, item.Known, item.News, now, reopenWindow)))
            {
                fresh.Add(ForAnother(item) with { News = AlertNews.New });
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
            Title = IntakeTexts.TitleOf(worst.Alert),
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
            Lead = LeadAlert.Of(worst.Alert),
        };
        var change = new IncidentChange(head, now);
        change.Log(TimelineKind.Opened, $"{head.Severity.Text()} opened: {head.Title} ({scope.Service}, {scope.Environment}); severity from {head.SeverityReason}.");
        change.Signal(IncidentSignalKind.Opened, holdPageUntil: holdPageUntil);
        AlertApplication.Apply(change, items);
        if (change.Head.FiringAlerts == 0)
        {
            IncidentTransitions.ResolveByRecovery(change);
        }

        return change;
    }

    /// <summary>Applies a batch to an incident that takes it in: reopens it first where the plan says so, resolves it last where nothing fires any more.</summary>
    /// <param name="suppression">Of <see cref="IntakePlan.FailuresHere"/>; asked for where the plan reopens the incident or something holds its page.</param>
    public static void ApplyTo(IncidentChange change, IntakePlan plan, SuppressionDecision suppression)
    {
        if (plan.Reopens)
        {
            var again = plan.FailuresHere.All(item => item.News == AlertNews.Refired) ? " again" : "";
            IncidentTransitions.Reopen(change, $"{IntakeTexts.Names(plan.FailuresHere)} fired{again}.", suppression.Until);
            change.Head = change.Head with { Reach = null };
        }

        var fired = change.Head.FiringAlerts;
        AlertApplication.Apply(change, plan.Here);
        if (!plan.Reopens && change.Head.IsHeld(change.Now) && suppression.Until is null && plan.FailuresHere.Count > 0)
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

    // What was heard of an alert is true of the next incident too: a resolve that was applied isn't news there.
    private static IntakeItem ForAnother(IntakeItem item) =>
        item with { Known = null, EarlierHistory = item.Known?.History ?? item.EarlierHistory };
}
