using System.Globalization;

namespace Pipeline.Incidents;

public enum CommandRefusal
{
    None,
    AlreadyAcknowledged,
    AlreadyResolved,
    NotResolved,
    StillFiring,
    NoChange,
}

/// <summary>What people and orchestrations may do to an incident: pure functions on <see cref="IncidentChange"/>.</summary>
public static class IncidentTransitions
{
    /// <summary>Stops the pages and makes <paramref name="by"/> commander where there is none.</summary>
    public static CommandRefusal Acknowledge(IncidentChange change, string by)
    {
        var head = change.Head;
        if (!head.IsOpen)
        {
            return CommandRefusal.AlreadyResolved;
        }

        if (head.EscalationAcknowledgedAt is not null)
        {
            return CommandRefusal.AlreadyAcknowledged;
        }

        change.Head = head with
        {
            AcknowledgedAt = head.AcknowledgedAt ?? change.Now,
            AcknowledgedBy = head.AcknowledgedBy ?? by,
            EscalationAcknowledgedAt = change.Now,
            EscalationAcknowledgedBy = by,
            Commander = head.Commander ?? by,
            Stage = head.Stage == IncidentStage.Detected ? IncidentStage.Investigating : head.Stage,
        };
        change.Log(TimelineKind.Acknowledged, $"Acknowledged by {change.Names.NameOf(by)}.", by);
        change.Signal(IncidentSignalKind.Acknowledged, by);
        if (head.Commander is null)
        {
            change.Log(TimelineKind.CommanderNamed, $"{change.Names.NameOf(by)} is incident commander.", by);
        }

        return CommandRefusal.None;
    }

    /// <summary>A numbered word to the stakeholders. The first after the resolve is the final one.</summary>
    public static CommandRefusal PostUpdate(IncidentChange change, string text, string by, IncidentStage? stage)
    {
        if (stage is { } wanted && wanted != change.Head.Stage && SetStage(change, wanted, by) is var refusal and not CommandRefusal.None)
        {
            return refusal;
        }

        var number = change.Head.UpdateCount + 1;
        change.Head = change.Head with { UpdateCount = number, LastUpdateAt = change.Now };
        change.Log(TimelineKind.UpdatePosted, string.Create(CultureInfo.InvariantCulture, $"Update #{number}: {text}"), by);
        change.Signal(IncidentSignalKind.UpdatePosted, by, text);
        return CommandRefusal.None;
    }

    /// <summary>Sets the severity. A rise pages again, before an acknowledgement and after it.</summary>
    /// <param name="reason">A person's words, or the label or rule that decided.</param>
    /// <param name="by">The person who judged it so; null where an alert did.</param>
    /// <param name="alert">The name of that alert.</param>
    public static CommandRefusal SetSeverity(IncidentChange change, Severity severity, string reason, string? by, string? alert = null)
    {
        var head = change.Head;
        if (head.Severity == severity)
        {
            return CommandRefusal.NoChange;
        }

        if (!head.IsOpen)
        {
            return CommandRefusal.AlreadyResolved;
        }

        var rises = severity.IsWorseThan(head.Severity);
        change.Head = head with { Severity = severity, SeverityReason = reason, WorstSeverity = Severities.Worse(head.Worst, severity) };
        if (rises && head.EscalationAcknowledgedAt is not null)
        {
            change.Head = NextEscalation(change) with { HoldPageUntil = null };
        }

        var why = alert is null ? reason : $"{alert} ({reason})";
        change.Log(TimelineKind.SeverityChanged, $"{head.Severity.Text()} → {severity.Text()}: {why}", by);
        change.Signal(rises ? IncidentSignalKind.SeverityRaised : IncidentSignalKind.SeverityLowered, by, why);
        return CommandRefusal.None;
    }

    /// <summary>A failure elsewhere joined. As a rise does, it pages again also after an acknowledgement.</summary>
    /// <param name="because">Names the alert and what it adds.</param>
    public static void Widen(IncidentChange change, string because)
    {
        var head = change.Head;
        if (head.EscalationAcknowledgedAt is not null)
        {
            change.Head = NextEscalation(change) with { HoldPageUntil = null };
        }

        change.Log(TimelineKind.Note, $"Widened: {because}. The acknowledgement doesn't cover it; paging again.");
        change.Signal(IncidentSignalKind.Widened, note: because);
    }

    /// <summary>Moves an open incident among the working stages, or closes a resolved one.</summary>
    public static CommandRefusal SetStage(IncidentChange change, IncidentStage stage, string by)
    {
        var head = change.Head;
        if (head.Stage == stage)
        {
            return CommandRefusal.NoChange;
        }

        if (stage == IncidentStage.Closed)
        {
            if (head.Stage != IncidentStage.Resolved)
            {
                return CommandRefusal.NotResolved;
            }

            change.Head = head with { Stage = IncidentStage.Closed, ClosedAt = change.Now };
            change.Log(TimelineKind.Closed, $"Closed by {change.Names.NameOf(by)}.", by);
            change.Signal(IncidentSignalKind.Closed, by);
            return CommandRefusal.None;
        }

        if (!head.IsOpen)
        {
            return CommandRefusal.AlreadyResolved;
        }

        if (stage == IncidentStage.Resolved)
        {
            return Resolve(change, by, note: null, force: false);
        }

        // Whoever goes back to look for the cause takes back that it was over.
        change.Head = head with { Stage = stage, MitigatedAt = stage == IncidentStage.Monitoring ? head.MitigatedAt ?? change.Now : null };
        change.Log(TimelineKind.StageChanged, $"{Words(head.Stage)} → {Words(stage)}.", by);
        change.Signal(IncidentSignalKind.StageChanged, by);
        return CommandRefusal.None;
    }

    /// <summary>A person declares it over. Refused while alerts fire, unless <paramref name="force"/>.</summary>
    public static CommandRefusal Resolve(IncidentChange change, string by, string? note, bool force)
    {
        if (!change.Head.IsOpen)
        {
            return CommandRefusal.AlreadyResolved;
        }

        var firing = change.Head.FiringAlerts;
        if (firing > 0 && !force)
        {
            return CommandRefusal.StillFiring;
        }

        var words = note is null ? "" : $": {note}";
        var still = firing == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" while {firing} {(firing == 1 ? "alert was" : "alerts were")} still firing");
        Resolve(change, by, note, $"Resolved by {change.Names.NameOf(by)}{still}{words}");
        return CommandRefusal.None;
    }

    /// <summary>The last alert recovered.</summary>
    public static void ResolveByRecovery(IncidentChange change) =>
        Resolve(change, by: null, "All alerts recovered.", "Resolved: all alerts recovered.");

    /// <summary>A failure came back inside the reopen window.</summary>
    /// <param name="holdPageUntil">End of the cooldown where the page is withheld until then.</param>
    public static void Reopen(IncidentChange change, string because, DateTimeOffset? holdPageUntil)
    {
        var head = change.Head;
        change.Head = NextEscalation(change) with
        {
            Stage = IncidentStage.Investigating,
            ResolvedAt = null,
            ResolvedBy = null,
            MitigatedAt = null,
            Round = head.Round + 1,
            RoundStartedAt = change.Now,
            HoldPageUntil = holdPageUntil,
            Failures = [],
        };
        change.Log(TimelineKind.Reopened, $"Reopened: {because}");
        change.Signal(IncidentSignalKind.Reopened, note: because, holdPageUntil: holdPageUntil);
    }

    public static string Words(IncidentStage stage) => stage.ToString().ToLowerInvariant();

    /// <summary>Whoever acknowledged before hasn't acknowledged this.</summary>
    private static Incident NextEscalation(IncidentChange change) => change.Head with
    {
        EscalationRound = change.Head.EscalationRound + 1,
        EscalationBegunAt = change.Now,
        EscalationAcknowledgedAt = null,
        EscalationAcknowledgedBy = null,
    };

    private static void Resolve(IncidentChange change, string? by, string? note, string text)
    {
        change.Head = change.Head with
        {
            Stage = IncidentStage.Resolved,
            MitigatedAt = change.Head.MitigatedAt ?? change.Now,
            ResolvedAt = change.Now,
            ResolvedBy = by,
        };
        change.Log(TimelineKind.Resolved, text, by);
        change.Signal(IncidentSignalKind.Resolved, by, note);
    }
}
