using System.Text.Json;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>An activity to run for one step of one generation.</summary>
/// <param name="FailedAttempts">So many have failed already.</param>
internal sealed record ActivityCall(
    StepKey Key,
    string Name,
    JsonElement? Input,
    RetryPolicy? Retry,
    int FailedAttempts,
    DateTimeOffset DueAt)
{
    /// <summary>The longest wait before the next attempt that the policy makes after the attempts that failed; zero before the first.</summary>
    public TimeSpan LongestDelay => Retry is { } policy && FailedAttempts > 0 ? policy.DelayAfter(FailedAttempts, random: 0) : TimeSpan.Zero;

    /// <summary>Makes one attempt. Throws only where <paramref name="cancellationToken"/> ended it: such an attempt doesn't count.</summary>
    public async Task<ActivityAttempt> AttemptAsync(
        OrchestrationCatalog catalog, TimeProvider clock, Func<double> random, CancellationToken cancellationToken)
    {
        if (!catalog.Activities.TryGetValue(Name, out var activity))
        {
            var unknown = OrchestrationValues.UnknownActivity(Name, catalog);
            return new ActivityAttempt.Ended(new OrchestrationEvent.ActivityFailed(Key.Generation, Key.Step, unknown.Type, unknown.Message));
        }

        try
        {
            var result = await activity.Run(Input, cancellationToken).ConfigureAwait(false);
            return new ActivityAttempt.Ended(new OrchestrationEvent.ActivityCompleted(Key.Generation, Key.Step, result));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var verdict = ActivityRetry.Decide(Retry, FailedAttempts + 1, exception, clock.GetUtcNow(), random());
            return verdict.RetryAt is { } retryAt
                ? new ActivityAttempt.Again(retryAt, exception)
                : new ActivityAttempt.Ended(
                    new OrchestrationEvent.ActivityFailed(Key.Generation, Key.Step, exception.GetType().Name, exception.Message), exception);
        }
    }
}

internal readonly record struct StepKey(string InstanceId, long Generation, int Step);

internal abstract record ActivityAttempt
{
    /// <param name="Fault">Of the last attempt, where it failed.</param>
    public sealed record Ended(OrchestrationEvent Event, Exception? Fault = null) : ActivityAttempt;

    public sealed record Again(DateTimeOffset At, Exception Fault) : ActivityAttempt;
}

public enum ActivityRetryReason
{
    WillRetry,
    NoRetryPolicy,
    NotRetryable,
    AttemptsUsedUp,
}

/// <param name="RetryAt">Null where there is no further attempt.</param>
public sealed record ActivityRetryDecision(ActivityRetryReason Reason, DateTimeOffset? RetryAt = null);

internal static class ActivityRetry
{
    /// <param name="failedAttempts">With this one; at least 1.</param>
    /// <param name="random">0 (inclusive) to 1 (exclusive).</param>
    public static ActivityRetryDecision Decide(RetryPolicy? policy, int failedAttempts, Exception fault, DateTimeOffset now, double random)
    {
        if (fault is NonRetryableException)
        {
            return new(ActivityRetryReason.NotRetryable);
        }

        if (policy is null)
        {
            return new(ActivityRetryReason.NoRetryPolicy);
        }

        return failedAttempts >= policy.MaxAttempts
            ? new(ActivityRetryReason.AttemptsUsedUp)
            : new(ActivityRetryReason.WillRetry, now + policy.DelayAfter(failedAttempts, random));
    }
}
