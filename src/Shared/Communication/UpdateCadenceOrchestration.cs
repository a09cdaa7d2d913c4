using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Communication;

/// <summary>What <c>GET /api/orchestrations/cadence-INC-1042</c> shows.</summary>
/// <param name="NextUpdateDueAt">Null while there is no clock, and after the resolve.</param>
/// <param name="Updates">Posted so far.</param>
public sealed record CadenceStatus(DateTimeOffset? NextUpdateDueAt, int Updates, Severity Severity, bool Overdue, bool FinalUpdateOwed)
{
    public static CadenceStatus Of(CadenceState state) => new(
        state.ResolvedAt is null ? state.DueAt : null,
        state.Updates,
        state.Severity,
        Overdue: state is { ResolvedAt: null, LastNudge: not null },
        FinalUpdateOwed: state is { ResolvedAt: not null, End: null or CadenceEnd.FinalUpdateMissing });
}

public sealed record CadenceOutcome(CadenceEnd Reason, int Updates);

/// <summary>Sees to it that stakeholders hear of an open incident as often as its severity asks, and of its end.</summary>
public static class UpdateCadenceOrchestration
{
    public const string Name = "cadence";

    public const string TellActivity = "cadence-tell";

    public static async Task<object?> RunAsync(IOrchestrationContext context)
    {
        var state = context.GetInput<CadenceState>() ?? throw new InvalidOperationException("A cadence needs a state to start from.");
        using var incident = new IncidentEventWaiter(context);
        while (true)
        {
            context.SetCustomStatus(CadenceStatus.Of(state));
            var step = CadencePlan.Next(state, context.CurrentUtcDateTime);
            if (step is CadenceStep.Ended ended)
            {
                return new CadenceOutcome(ended.Reason, state.Updates);
            }

            var before = state;
            state = await incident.WaitUntilAsync(step.At).ConfigureAwait(true) is { } happened
                ? CadencePlan.Apply(state, happened)
                : await TakeStepAsync(context, state).ConfigureAwait(true);
            if (IsNaturalEnd(before, state) && incident.TryClose())
            {
                context.ContinueAsNew(state);
                return null;
            }
        }
    }

    private static async Task<CadenceState> TakeStepAsync(IOrchestrationContext context, CadenceState state)
    {
        // Planned again: the program may have slept past the step it was waiting for.
        var now = context.CurrentUtcDateTime;
        var step = CadencePlan.Next(state, now);
        var decision = CadenceTask.Of(state, step) is { } task
            ? await context.CallActivityAsync<CadenceDecision>(TellActivity, task, RetryPolicy.UntilItWorks).ConfigureAwait(true)
            : CadenceDecision.Tell;
        return CadencePlan.After(state, step, now, decision);
    }

    /// <summary>After each update and each hour or so of nudges, so that the history stays short however long the incident.</summary>
    private static bool IsNaturalEnd(CadenceState before, CadenceState after) =>
        after.End is null
        && (after.Updates > before.Updates || after.LastNudge / CadencePlan.NudgesPerTimelineEntry > before.LastNudge / CadencePlan.NudgesPerTimelineEntry);
}
