using System.Globalization;
using System.Text.Json.Serialization;
using Pipeline.Incidents.Alertmanagers;

namespace Pipeline.Incidents;

/// <summary>The stages of the seeds' lifecycle, in order.</summary>
public enum IncidentStage
{
    Detected,
    Investigating,
    Identified,
    Monitoring,
    Resolved,
    Closed,
}

/// <summary>The head of an incident: what it is now. Its alerts and its timeline lie beside it, in the same partition.</summary>
public sealed record Incident
{
    /// <summary><c>INC-</c> and <see cref="Number"/>.</summary>
    public required string Id { get; init; }

    public required long Number { get; init; }

    public required string Title { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>The worst that it ever was; null where it was never changed.</summary>
    public Severity? WorstSeverity { get; init; }

    /// <summary>What reports and postmortems go by: an incident that was lowered before its resolve was no milder for it.</summary>
    [JsonIgnore]
    public Severity Worst => Severities.Worse(WorstSeverity ?? Severity, Severity);

    /// <summary>The rule or label that decided the severity, in words for people.</summary>
    public required string SeverityReason { get; init; }

    public required IncidentStage Stage { get; init; }

    public required string Service { get; init; }

    public required string Environment { get; init; }

    public string? Region { get; init; }

    /// <summary>What its alerts have in common; the claim on it is what keeps one open incident a key.</summary>
    public required string CorrelationKey { get; init; }

    /// <summary>When the trouble began: the earliest start of its alerts.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the first alert was received.</summary>
    public required DateTimeOffset DetectedAt { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    /// <summary>When impact ended: the last of its alerts resolved, or somebody said so. Null again once it is investigated again or fails anew.</summary>
    public DateTimeOffset? MitigatedAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public string? ResolvedBy { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Who leads. The first to acknowledge, until somebody else is named.</summary>
    public string? Commander { get; init; }

    /// <summary>1, and one more for each reopening. Orchestrations of round 2 end in <c>.2</c>.</summary>
    public int Round { get; init; } = 1;

    /// <summary>When this round began: detected or reopened.</summary>
    public required DateTimeOffset RoundStartedAt { get; init; }

    /// <summary>Grows with each new escalation: a reopening, or a severity that rises after the acknowledgement.</summary>
    public int EscalationRound { get; init; } = 1;

    /// <summary>When <see cref="EscalationRound"/> last grew; null where it began with the round, or was written by a version that kept no time.</summary>
    public DateTimeOffset? EscalationBegunAt { get; init; }

    /// <summary>When the present escalation was acknowledged. <see cref="AcknowledgedAt"/> keeps the first time.</summary>
    public DateTimeOffset? EscalationAcknowledgedAt { get; init; }

    /// <summary>Who acknowledged the present escalation. <see cref="AcknowledgedBy"/> keeps the first.</summary>
    public string? EscalationAcknowledgedBy { get; init; }

    /// <summary>The cooldown holds the present escalation's pages until then; null where nothing holds them.</summary>
    public DateTimeOffset? HoldPageUntil { get; init; }

    /// <summary>What failed in this round, by <see cref="FailureKey"/>: what a page for it is remembered for.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>Stakeholder updates sent so far.</summary>
    public int UpdateCount { get; init; }

    public DateTimeOffset? LastUpdateAt { get; init; }

    public int FiringAlerts { get; init; }

    public int TotalAlerts { get; init; }

    /// <summary>What the alert says that opened it, or made it worse or wider last; null before the first.</summary>
    public LeadAlert? Lead { get; init; }

    /// <summary>Which services, namespaces and regions its alerts of this round named. Null before the first alert.</summary>
    public IncidentReach? Reach { get; init; }

    /// <summary>Alerts that joined after the acknowledgement and that its commander wasn't told of yet.</summary>
    public JoinedAlerts? Joined { get; init; }

    /// <summary>It had begun before its sender sent anything here: the time until its detection is unknown.</summary>
    public bool FiredBeforeListening { get; init; }

    /// <summary>Number of the next timeline entry.</summary>
    public int NextEntry { get; init; }

    /// <summary>What others still have to be told: written with the change that caused it, removed when everybody was told.</summary>
    public IReadOnlyList<IncidentSignal> Signals { get; init; } = [];

    /// <summary>Who acknowledged the present escalation; the first who acknowledged, where it was written by a version that kept no other.</summary>
    [JsonIgnore]
    public string? PresentAcknowledger => EscalationAcknowledgedBy ?? AcknowledgedBy;

    [JsonIgnore]
    public bool IsOpen => Stage < IncidentStage.Resolved;

    /// <summary>Resolved, with nothing left to tell: the sweep needs to look at it no more.</summary>
    [JsonIgnore]
    public bool IsSettled => !IsOpen && Signals.Count == 0;

    /// <summary>Open and nobody has taken the present escalation: the only state in which a page may go out.</summary>
    [JsonIgnore]
    public bool WantsPages => IsOpen && EscalationAcknowledgedAt is null;

    /// <summary>Whether the cooldown holds a page that would go out otherwise.</summary>
    public bool IsHeld(DateTimeOffset now) => WantsPages && HoldPageUntil > now;

    public static string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"INC-{number}");

    public static bool IsId(string text) =>
        text.StartsWith("INC-", StringComparison.Ordinal) && long.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>The instance id of an orchestration of this round: <c>escalation-INC-1042</c>, later <c>escalation-INC-1042.2</c>.</summary>
    public static string InstanceId(string kind, string incidentId, int round) =>
        round == 1 ? $"{kind}-{incidentId}" : string.Create(CultureInfo.InvariantCulture, $"{kind}-{incidentId}.{round}");
}

/// <summary>What happened to an incident that orchestrations and notifications must hear of.</summary>
public enum IncidentSignalKind
{
    Opened,
    Acknowledged,
    SeverityRaised,
    SeverityLowered,
    UpdatePosted,
    StageChanged,
    Resolved,
    Reopened,
    Closed,

    /// <summary>A failure joined that the cooldown doesn't cover: the page that was held goes out now.</summary>
    HoldLifted,

    /// <summary>A failure elsewhere joined after the acknowledgement: somebody is paged again.</summary>
    Widened,

    /// <summary>Alerts joined after the acknowledgement, and change nothing but the work of who has it.</summary>
    AlertsJoined,
}

/// <summary>One thing to tell, at least once; <see cref="Id"/> lets the hearer apply it once.</summary>
/// <param name="Id"><c>INC-1042:17</c>: the incident and the number of the timeline entry that told of it.</param>
/// <param name="Round">The incident's when it happened, whatever it is by the time of the telling.</param>
/// <param name="EscalationRound">Likewise.</param>
/// <param name="Note">The update's text, the resolve's words; null where there are none.</param>
/// <param name="HoldPageUntil">A reopening inside the cooldown pages nobody before this time. Null: at once.</param>
public sealed record IncidentSignal(
    string Id,
    IncidentSignalKind Kind,
    DateTimeOffset At,
    int Round,
    int EscalationRound,
    string? By = null,
    string? Note = null,
    DateTimeOffset? HoldPageUntil = null);

/// <summary>Hears of what happens to incidents. Told at least once, in order; must be idempotent.</summary>
public interface IIncidentSubscriber
{
    Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken);

    /// <summary>Looks every minute whether what it began for an open incident, with nothing left to tell, is still there; begins it again where it was lost.</summary>
    Task RestoreAsync(Incident incident, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>An alert as its incident holds it.</summary>
public sealed record IncidentAlert
{
    public required string Fingerprint { get; init; }

    public required IncidentAlertStatus Status { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>
    /// The latest start that was sent for this episode, where it isn't <see cref="StartsAt"/>: one that lay ahead of its receipt, or that
    /// of a second sender. A later one is another episode.
    /// </summary>
    public DateTimeOffset? LatestStartsAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Times it was received.</summary>
    public required int Count { get; init; }

    public required DateTimeOffset LastSeenAt { get; init; }

    public string? GeneratorUrl { get; init; }

    /// <summary>What this alert alone calls for; a rise of it raises the incident's.</summary>
    public required Severity Severity { get; init; }

    /// <summary>The queue sequence of the last message applied: one that comes again, or late, counts once.</summary>
    public required long LastSequence { get; init; }

    /// <summary>What asking its Alertmanager told since it was last heard of; null where nobody asked.</summary>
    public AskedState? Asked { get; init; }

    /// <summary>Who sent it last, by <see cref="SenderMemory.Of"/>.</summary>
    public string? Sender { get; init; }

    /// <summary>What its senders said before.</summary>
    public AlertHistory History { get; init; } = AlertHistory.Empty;
}

public enum IncidentAlertStatus
{
    Firing,
    Resolved,

    /// <summary>Not heard of for too long: no word that it recovered, so its incident stays open.</summary>
    Stale,
}

/// <summary>The kinds of timeline entries. A new kind needs no change elsewhere; readers show <see cref="TimelineEntry.Text"/>.</summary>
public enum TimelineKind
{
    Opened,
    AlertFired,
    AlertResolved,
    AlertStale,
    SeverityChanged,
    StageChanged,
    Acknowledged,
    CommanderNamed,
    Paging,
    PageSent,
    PageFailed,
    PageWithheld,
    EscalationEnded,
    UpdatePosted,
    UpdateReminder,
    UpdateOverdue,
    FinalUpdateOwed,
    Resolved,
    Reopened,
    Closed,
    Postmortem,
    Note,
}

/// <summary>One line of the append-only timeline.</summary>
/// <param name="Number">From 0, without gaps.</param>
/// <param name="By">Who did it; null for the pipeline itself.</param>
/// <param name="Key">Names the step that wrote it where that step may run twice; an entry with a key exists once.</param>
public sealed record TimelineEntry(int Number, DateTimeOffset At, TimelineKind Kind, string Text, string? By = null, string? Key = null);
