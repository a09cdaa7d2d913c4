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
        IncidentSignalKind.Acknowledged or IncidentSignalKind.Resolved or IncidentSignalKind.Closed or IncidentSignalKind.SeverityLowered
            or IncidentSignalKind.HoldLifted
            => EscalationReaction.Tell,
        _ => EscalationReaction.None,
    };

    public async Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
    {
        var policy = policies.For(incident.Service);
        var instance = Incident.InstanceId(EscalationOrchestration.Name, incident.Id, signal.EscalationRound);
        switch (Decide(signal.Kind, policy.Pages.Contains(incident.Severity)))
        {
            case EscalationReaction.Start:
                var input = new EscalationInput(
                    incident.Id, signal.EscalationRound, incident.Severity, EscalationPolicies.LadderOf(policy), signal.HoldPageUntil);
                if (!await orchestrations.StartAsync(EscalationOrchestration.Name, instance, input, cancellationToken).ConfigureAwait(false))
                {
                    await TellOrStartAnewAsync(instance, incident, signal, input, cancellationToken).ConfigureAwait(false);
                }

                break;
            case EscalationReaction.NoPage:
                await LogNoPageAsync(incident, signal, policy, cancellationToken).ConfigureAwait(false);
                break;
            case EscalationReaction.Tell:
                await TellAsync(instance, incident, signal, cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    /// <summary>An escalation that ran out, or failed, hears nothing any more; a rise of the severity then begins another.</summary>
    private async Task TellOrStartAnewAsync(
        string instance, Incident incident, IncidentSignal signal, EscalationInput input, CancellationToken cancellationToken)
    {
        if (signal.Kind != IncidentSignalKind.SeverityRaised
            || await orchestrations.GetAsync(instance, cancellationToken).ConfigureAwait(false) is not { IsRunning: false })
        {
            await TellAsync(instance, incident, signal, cancellationToken).ConfigureAwait(false);
            return;
        }

        var edit = await store.EditAsync(
            incident.Id,
            change =>
            {
                var ended = change.Head.EscalationRound == signal.EscalationRound && change.Head.WantsPages;
                change.Head = ended ? change.Head with { EscalationRound = signal.EscalationRound + 1 } : change.Head;
                return change.Head.EscalationRound;
            },
            cancellationToken).ConfigureAwait(false);
        if (edit is { Result: var round } && round > signal.EscalationRound)
        {
            await orchestrations.StartAsync(
                EscalationOrchestration.Name,
                Incident.InstanceId(EscalationOrchestration.Name, incident.Id, round),
                input with { Round = round },
                cancellationToken).ConfigureAwait(false);
        }
    }

    private Task TellAsync(string instance, Incident incident, IncidentSignal signal, CancellationToken cancellationToken) =>
        orchestrations.RaiseEventAsync(instance, IncidentEvent.EventName, IncidentEvent.Of(incident, signal), cancellationToken);

    private Task LogNoPageAsync(Incident incident, IncidentSignal signal, EscalationPolicyConfiguration policy, CancellationToken cancellationToken) =>
        store.EditAsync(
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
