using Pipeline.Hosting;

namespace Pipeline.Postmortems;

/// <summary>The steps of the reference seed's postmortem timeline, in order.</summary>
public enum PostmortemMilestone
{
    Draft,
    Review,
    Actions,
    FollowUp,
}

/// <summary>The configured times after the resolve, as they were when the postmortem began.</summary>
public sealed record PostmortemTimes(TimeSpan Draft, TimeSpan Review, TimeSpan Actions, TimeSpan FollowUp)
{
    public static PostmortemTimes Of(PostmortemConfiguration configuration) =>
        new(configuration.Draft, configuration.Review, configuration.Actions, configuration.FollowUp);

    public TimeSpan this[PostmortemMilestone milestone] => milestone switch
    {
        PostmortemMilestone.Draft => Draft,
        PostmortemMilestone.Review => Review,
        PostmortemMilestone.Actions => Actions,
        _ => FollowUp,
    };
}

/// <param name="Done">Milestones reached so far, in order.</param>
/// <param name="Reopened">The incident came back before all were reached.</param>
public sealed record PostmortemState(
    string IncidentId, int Round, DateTimeOffset ResolvedAt, PostmortemTimes Times, int Done = 0, bool Reopened = false);

public abstract record PostmortemStep
{
    private PostmortemStep()
    {
    }

    public sealed record Reach(PostmortemMilestone Milestone, DateTimeOffset DueAt) : PostmortemStep;

    /// <summary>The next resolve begins a postmortem of its own.</summary>
    public sealed record Suspend : PostmortemStep;

    public sealed record Complete : PostmortemStep;
}

/// <summary>What learning is due when. The reference seed counts from the resolution: draft 24 h, review 72 h, action items 1 week, follow-up 1 month.</summary>
public static class PostmortemPlan
{
    private static readonly PostmortemMilestone[] InOrder = Enum.GetValues<PostmortemMilestone>();

    public static PostmortemStep Next(PostmortemState state)
    {
        if (state.Done >= InOrder.Length)
        {
            return new PostmortemStep.Complete();
        }

        var milestone = InOrder[state.Done];
        return state.Reopened ? new PostmortemStep.Suspend() : new PostmortemStep.Reach(milestone, DueAt(state, milestone));
    }

    public static DateTimeOffset DueAt(PostmortemState state, PostmortemMilestone milestone) => state.ResolvedAt + state.Times[milestone];

    public static string Words(PostmortemMilestone milestone) => milestone switch
    {
        PostmortemMilestone.Draft => "draft",
        PostmortemMilestone.Review => "review",
        PostmortemMilestone.Actions => "action items",
        _ => "follow-up",
    };
}
