using System.Globalization;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Escalation;

public enum EscalationReaction
{
    /// <summary>Nothing to do with paging.</summary>
    None,

    /// <summary>Begin the escalation of the incident's present round.</summary>
    Start,

    /// <summary>This severity wakes nobody by its policy; the timeline says so.</summary>
    NoPage,

    /// <summary>Tell the one that runs.</summary>
    Tell,

    /// <summary>What has the id pages nobody any more: begin another under the next id.</summary>
    StartAnew,
}

/// <summary>Begins escalations and tells them what happens to their incident.</summary>
internal sealed class EscalationSubscriber(
    IOrchestrationClient orchestrations,
    IncidentStore store,
    EscalationPolicies policies) : IIncidentSubscriber
{
    public static EscalationReaction Decide(IncidentSignalKind kind, bool severityPages) => kind switch
    {
        IncidentSignalKind.Opened or IncidentSignalKind.Reopened => severityPages ? EscalationReaction.Start : EscalationReaction.NoPage,
        IncidentSignalKind.SeverityRaised or IncidentSignalKind.Widened => severityPages ? EscalationReaction.Start : EscalationReaction.NoPage,
        IncidentSignalKind.HoldLifted => severityPages ? EscalationReaction.Start : EscalationReaction.None,
        IncidentSignalKind.Acknowledged or IncidentSignalKind.Resolved or IncidentSignalKind.Closed or IncidentSignalKind.SeverityLowered
            => EscalationReaction.Tell,
        _ => EscalationReaction.None,
    };

    /// <summary>What to do where the escalation that <paramref name="kind"/> asks for could not be started, because its id was used.</summary>
    public static EscalationReaction Decide(IncidentSignalKind kind, IdUse use) => (kind, use) switch
    {
        (_, IdUse.Running) => EscalationReaction.Tell,

        // It ran to its end and hears nothing any more: told again, it has done its work; a new reason to page wants another.
        (IncidentSignalKind.Opened or IncidentSignalKind.Reopened or IncidentSignalKind.Widened, IdUse.Completed) => EscalationReaction.None,
        _ => EscalationReaction.StartAnew,
    };

    public async Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
    {
        var policy = policies.For(incident.Service);
        switch (Decide(signal.Kind, policy.Pages.Contains(incident.Severity)))
        {
            case EscalationReaction.Start:
                await StartAsync(incident, signal, policy, cancellationToken).ConfigureAwait(false);
                break;
            case EscalationReaction.NoPage:
                await LogNoPageAsync(incident, signal, policy, cancellationToken).ConfigureAwait(false);
                break;
            case EscalationReaction.Tell:
                await TellAsync(incident, signal, cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Pages anew where nobody has the incident and its escalation failed, or went with its task hub. One that was begun a moment ago may
    /// not be seen yet.
    /// </summary>
    public async Task RestoreAsync(Incident incident, CancellationToken cancellationToken)
    {
        var policy = policies.For(incident.Service);
        var since = incident.EscalationBegunAt ?? incident.RoundStartedAt;
        if (!incident.WantsPages || !policy.Pages.Contains(incident.Severity) || store.Time.GetUtcNow() - since <= IdUses.MaxClockDifference)
        {
            return;
        }

        var found = await orchestrations.GetAsync(InstanceId(incident, incident.EscalationRound), cancellationToken).ConfigureAwait(false);
        if (IdUses.IsLost(found, since))
        {
            var wanted = new IncidentSignal(
                incident.Id, IncidentSignalKind.Opened, since, incident.Round, incident.EscalationRound, HoldPageUntil: incident.HoldPageUntil);
            await StartAnewAsync(IdUses.Decide(found, since), incident, wanted, InputOf(incident, wanted, policy), cancellationToken).ConfigureAwait(false);
        }
    }

    private static EscalationInput InputOf(Incident incident, IncidentSignal signal, EscalationPolicyConfiguration policy) => new(
        incident.Id,
        signal.EscalationRound,
        incident.Severity,
        EscalationPolicies.LadderOf(policy),
        signal.HoldPageUntil,
        signal.Kind == IncidentSignalKind.SeverityRaised ? new EscalationRaise(signal.By, signal.Note) : null,
        RaisePages: true);

    private async Task StartAsync(
        Incident incident, IncidentSignal signal, EscalationPolicyConfiguration policy, CancellationToken cancellationToken)
    {
        var input = InputOf(incident, signal, policy);
        var instance = InstanceId(incident, signal.EscalationRound);
        if (await orchestrations.StartAsync(EscalationOrchestration.Name, instance, input, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var found = await orchestrations.GetAsync(instance, cancellationToken).ConfigureAwait(false);
        var use = IdUses.Decide(found, WantedSince(incident, signal));
        switch (Decide(signal.Kind, use))
        {
            case EscalationReaction.StartAnew:
                await StartAnewAsync(use, incident, signal, input, cancellationToken).ConfigureAwait(false);
                break;
            case EscalationReaction.Tell:
                await TellAsync(incident, signal, cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    /// <summary>The incident's round first, so that a crash in between starts that one and not a third when the signal is told again.</summary>
    private async Task StartAnewAsync(
        IdUse use, Incident incident, IncidentSignal signal, EscalationInput input, CancellationToken cancellationToken)
    {
        var free = await FreeRoundAsync(incident, signal.EscalationRound + 1, cancellationToken).ConfigureAwait(false);
        var edit = await store.EditAsync(
            incident.Id,
            change =>
            {
                if (change.Head.EscalationRound == signal.EscalationRound && change.Head.WantsPages)
                {
                    change.Head = change.Head with { EscalationRound = free, EscalationBegunAt = change.Now };
                    change.Log(
                        TimelineKind.Note,
                        $"{use.Words(InstanceId(incident, signal.EscalationRound))}. Started {InstanceId(incident, free)}.",
                        key: string.Create(CultureInfo.InvariantCulture, $"escalation:{signal.EscalationRound}:anew"));
                }

                return change.Head.EscalationRound;
            },
            cancellationToken).ConfigureAwait(false);
        if (edit is { Result: var round, Incident.WantsPages: true } && round > signal.EscalationRound)
        {
            await orchestrations.StartAsync(
                EscalationOrchestration.Name, InstanceId(incident, round), input with { Round = round }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Where one id was left over, those of its later rounds can be too.</summary>
    private async Task<int> FreeRoundAsync(Incident incident, int round, CancellationToken cancellationToken)
    {
        while (await orchestrations.GetAsync(InstanceId(incident, round), cancellationToken).ConfigureAwait(false) is not null)
        {
            round++;
        }

        return round;
    }

    // A rise or a lifted hold can find the escalation that the round began with.
    private static DateTimeOffset WantedSince(Incident incident, IncidentSignal signal) =>
        signal.Kind is IncidentSignalKind.Opened or IncidentSignalKind.Reopened or IncidentSignalKind.Widened ? signal.At : incident.RoundStartedAt;

    private static string InstanceId(Incident incident, int round) => Incident.InstanceId(EscalationOrchestration.Name, incident.Id, round);

    private Task TellAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken) => orchestrations.RaiseEventAsync(
        InstanceId(incident, signal.EscalationRound), IncidentEvent.EventName, IncidentEvent.Of(incident, signal), cancellationToken);

    private Task LogNoPageAsync(
        Incident incident, IncidentSignal signal, EscalationPolicyConfiguration policy, CancellationToken cancellationToken) => store.EditAsync(
        incident.Id,
        change =>
        {
            change.Log(
                TimelineKind.PageWithheld,
                $"No page: {incident.Severity.Text()} wakes nobody by policy '{policy.Name}'.",
                key: $"{signal.Id}:nopage");
            return true;
        },
        cancellationToken);
}
