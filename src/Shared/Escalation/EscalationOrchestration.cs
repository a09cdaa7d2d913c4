using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Escalation;

/// <param name="Round">The incident's <see cref="Incident.EscalationRound"/> that this instance serves.</param>
/// <param name="HoldPageUntil">Nobody is paged before; the cooldown of alerts that fired again.</param>
/// <param name="Raise">What raised the severity, where that is why it begins.</param>
/// <param name="RaisePages">
/// A rise before the acknowledgement pages the present level again. False in an instance that began before there was this: its replay takes the old steps.
/// </param>
public sealed record EscalationInput(
    string IncidentId,
    int Round,
    Severity Severity,
    EscalationLadder Ladder,
    DateTimeOffset? HoldPageUntil,
    EscalationRaise? Raise = null,
    bool RaisePages = false);

/// <summary>What raised an incident's severity.</summary>
/// <param name="By">The person; null where an alert did.</param>
/// <param name="Note">The person's reason; the alert's name and what its severity came from.</param>
public sealed record EscalationRaise(string? By, string? Note);

/// <summary>What <c>GET /api/orchestrations/escalation-INC-1042</c> shows.</summary>
/// <param name="Paging">The level paged last, or null while the cooldown holds the page.</param>
/// <param name="NextAt">When the next level is paged unless somebody acknowledges.</param>
public sealed record EscalationStatus(string? Paging, int Pass, DateTimeOffset? NextAt, EscalationOutcome? Ended = null);

/// <summary>
/// Climbs the ladder of one incident until somebody acknowledges, it is resolved, or nobody is left. Holds waits and activity
/// calls only; <see cref="EscalationPlan"/> decides, and every page asks the incident first whether it is still wanted.
/// </summary>
public static class EscalationOrchestration
{
    public const string Name = "escalation";

    public const string PageActivity = "escalation-page";

    public const string HoldActivity = "escalation-hold";

    public const string EndActivity = "escalation-end";

    public static async Task<object?> RunAsync(IOrchestrationContext context)
    {
        var input = context.GetInput<EscalationInput>() ?? throw new InvalidOperationException("An escalation needs its input.");
        using var run = new Run(context, input);
        var outcome = await run.HoldAsync().ConfigureAwait(true) ?? await run.ClimbAsync().ConfigureAwait(true);
        await context.CallActivityAsync<bool>(
            EndActivity, new EscalationEnd(input.IncidentId, context.InstanceId, outcome), RetryPolicy.UntilItWorks).ConfigureAwait(true);
        context.SetCustomStatus(new EscalationStatus(null, 0, null, outcome));
        return outcome;
    }

    private sealed class Run(IOrchestrationContext context, EscalationInput input) : IDisposable
    {
        private readonly IncidentEventWaiter incident = new(context);
        private Severity severity = input.Severity;
        private EscalationRaise? raise = input.Raise;

        public void Dispose() => incident.Dispose();

        /// <summary>Waits out the cooldown. Returns the outcome where that ended the escalation.</summary>
        public async Task<EscalationOutcome?> HoldAsync()
        {
            if (input.HoldPageUntil is not { } until || until <= context.CurrentUtcDateTime)
            {
                return null;
            }

            await context.CallActivityAsync<bool>(
                HoldActivity, new EscalationHold(input.IncidentId, context.InstanceId, until), RetryPolicy.UntilItWorks).ConfigureAwait(true);
            context.SetCustomStatus(new EscalationStatus(null, 0, until));
            var before = severity;
            while (context.CurrentUtcDateTime < until && !severity.IsWorseThan(before))
            {
                if (await incident.WaitUntilAsync(until).ConfigureAwait(true) is not { } happened)
                {
                    continue;
                }

                if (Outcome(happened) is { } outcome)
                {
                    return outcome;
                }

                if (happened.Kind == IncidentSignalKind.HoldLifted)
                {
                    return null;
                }
            }

            return null;
        }

        public async Task<EscalationOutcome> ClimbAsync()
        {
            var position = EscalationPosition.Start;
            while (true)
            {
                var step = EscalationPlan.Next(input.Ladder, position, severity);
                if (step is not { Outcome: EscalationOutcome.Page, Position: { } at, Rung: { } rung })
                {
                    return step.Outcome;
                }

                var answer = await PageAsync(at, rung, again: false).ConfigureAwait(true);
                if (answer == EscalationOutcome.Unreachable)
                {
                    position = EscalationPlan.After(at);
                    continue;
                }

                if (answer != EscalationOutcome.Page)
                {
                    return answer;
                }

                // Counted from when the page was on its way: one that a restart held up still leaves its person the whole time.
                var pagedAt = context.CurrentUtcDateTime;
                if (await WaitForAnswerAsync(at, rung, pagedAt, pagedAt + step.Wait).ConfigureAwait(true) is { } outcome)
                {
                    return outcome;
                }

                position = EscalationPlan.After(at);
            }
        }

        private Task<EscalationOutcome> PageAsync(EscalationPosition at, EscalationRung rung, bool again)
        {
            var page = new EscalationPage(input.IncidentId, input.Round, context.InstanceId, at, rung.Name, rung.Targets, raise, again);
            raise = null;
            return context.CallActivityAsync<EscalationOutcome>(PageActivity, page, RetryPolicy.UntilItWorks);
        }

        private async Task<EscalationOutcome?> WaitForAnswerAsync(
            EscalationPosition at, EscalationRung rung, DateTimeOffset pagedAt, DateTimeOffset due)
        {
            var paged = severity;
            while (context.CurrentUtcDateTime < due)
            {
                context.SetCustomStatus(new EscalationStatus(rung.Name, at.Pass, due));
                if (await incident.WaitUntilAsync(due).ConfigureAwait(true) is { } happened)
                {
                    if (Outcome(happened) is { } outcome)
                    {
                        return outcome;
                    }

                    if (input.RaisePages && severity.IsWorseThan(paged))
                    {
                        paged = severity;
                        var answer = await PageAsync(at, rung, again: true).ConfigureAwait(true);
                        if (answer is not (EscalationOutcome.Page or EscalationOutcome.Unreachable) and var ended)
                        {
                            return ended;
                        }
                    }

                    raise = null;
                    due = EscalationPlan.DueAfterSeverityChange(input.Ladder, rung, severity, pagedAt, due);
                }
            }

            return null;
        }

        private EscalationOutcome? Outcome(IncidentEvent happened)
        {
            severity = happened.Severity;
            raise = happened.Kind == IncidentSignalKind.SeverityRaised ? new EscalationRaise(happened.By, happened.Note) : raise;
            return EscalationPlan.OutcomeOf(input.Ladder, happened.Kind, severity);
        }
    }
}
