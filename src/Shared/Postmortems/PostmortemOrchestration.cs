using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Postmortems;

/// <param name="DueAt">All due times of the round, for texts and the document.</param>
public sealed record PostmortemTask(string IncidentId, int Round, PostmortemMilestone Milestone, IReadOnlyDictionary<PostmortemMilestone, DateTimeOffset> DueAt);

public sealed record PostmortemSuspension(string IncidentId, int Round, PostmortemMilestone Pending);

/// <summary>What <c>GET /api/orchestrations/postmortem-INC-1042</c> shows.</summary>
/// <param name="Next">Null once all is done.</param>
public sealed record PostmortemStatus(PostmortemMilestone? Next, DateTimeOffset? NextDueAt, IReadOnlyList<PostmortemMilestone> Done, bool Suspended);

public enum PostmortemOutcome
{
    Completed,
    Suspended,
}

/// <summary>Carries an incident from its resolve to the lessons: four milestones, whether or not it is closed meanwhile, until it is reopened.</summary>
public static class PostmortemOrchestration
{
    public const string Name = "postmortem";

    public const string MilestoneActivity = "postmortem-milestone";

    public const string SuspendActivity = "postmortem-suspend";

    public static async Task<object?> RunAsync(IOrchestrationContext context)
    {
        var state = context.GetInput<PostmortemState>() ?? throw new InvalidOperationException("A postmortem needs a state to start from.");
        using var incident = new IncidentEventWaiter(context);
        while (true)
        {
            var step = PostmortemPlan.Next(state);
            context.SetCustomStatus(Status(state, step));
            switch (step)
            {
                case PostmortemStep.Reach reach:
                    state = await incident.WaitUntilAsync(reach.DueAt).ConfigureAwait(true) is { } happened
                        ? Apply(state, happened)
                        : await ReachAsync(context, state, reach.Milestone).ConfigureAwait(true);
                    break;
                case PostmortemStep.Suspend:
                    var suspension = new PostmortemSuspension(state.IncidentId, state.Round, (PostmortemMilestone)state.Done);
                    await context.CallActivityAsync<bool>(SuspendActivity, suspension, RetryPolicy.UntilItWorks).ConfigureAwait(true);
                    return PostmortemOutcome.Suspended;
                default:
                    return PostmortemOutcome.Completed;
            }
        }
    }

    /// <summary>Only a reopening moves it; it goes on after the close.</summary>
    private static PostmortemState Apply(PostmortemState state, IncidentEvent happened) =>
        happened.Kind == IncidentSignalKind.Reopened && happened.Round > state.Round ? state with { Reopened = true } : state;

    private static async Task<PostmortemState> ReachAsync(IOrchestrationContext context, PostmortemState state, PostmortemMilestone milestone)
    {
        var dueAt = Enum.GetValues<PostmortemMilestone>().ToDictionary(each => each, each => PostmortemPlan.DueAt(state, each));
        var task = new PostmortemTask(state.IncidentId, state.Round, milestone, dueAt);
        var decision = await context.CallActivityAsync<PostmortemDecision>(MilestoneActivity, task, RetryPolicy.UntilItWorks).ConfigureAwait(true);
        return decision == PostmortemDecision.Reopened ? state with { Reopened = true } : state with { Done = state.Done + 1 };
    }

    private static PostmortemStatus Status(PostmortemState state, PostmortemStep step)
    {
        var reach = step as PostmortemStep.Reach;
        var done = Enumerable.Range(0, state.Done).Select(number => (PostmortemMilestone)number).ToList();
        return new PostmortemStatus(reach?.Milestone, reach?.DueAt, done, state.Reopened);
    }
}
