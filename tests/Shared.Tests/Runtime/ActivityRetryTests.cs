using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class ActivityRetryTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private static readonly RetryPolicy Three = new(3, TimeSpan.FromSeconds(10), Jitter: 0);

    public static TheoryData<RetryPolicy?, int, Exception, ActivityRetryReason, double?> Cases => new()
    {
        // No policy: one attempt.
        { null, 1, new TimeoutException(), ActivityRetryReason.NoRetryPolicy, null },

        // The first and the second failure of three attempts are retried, each after twice the wait.
        { Three, 1, new TimeoutException(), ActivityRetryReason.WillRetry, 10 },
        { Three, 2, new TimeoutException(), ActivityRetryReason.WillRetry, 20 },

        // The third was the last.
        { Three, 3, new TimeoutException(), ActivityRetryReason.AttemptsUsedUp, null },

        // What no retry can mend isn't retried, whatever the policy.
        { RetryPolicy.UntilItWorks, 1, new NonRetryableException("no such person"), ActivityRetryReason.NotRetryable, null },

        // A time-out of the activity's own call is a failure like others.
        { Three, 1, new TaskCanceledException(), ActivityRetryReason.WillRetry, 10 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Decides(RetryPolicy? policy, int failedAttempts, Exception fault, ActivityRetryReason reason, double? seconds)
    {
        var decision = ActivityRetry.Decide(policy, failedAttempts, fault, Now, random: 0);

        Assert.Equal(new ActivityRetryDecision(reason, seconds is { } wait ? Now.AddSeconds(wait) : null), decision);
    }

    [Theory]
    [InlineData(1, 0, 1)] // No randomness: the whole wait.
    [InlineData(1, 0.5, 0.9)] // Half of the jitter of 20 %.
    [InlineData(4, 0, 8)] // Doubled each time.
    [InlineData(7, 0, 60)] // 64 s, but never longer than a minute.
    [InlineData(100_000, 0, 60)] // Beyond what a double can count.
    public void Waits_grow_up_to_the_longest_less_the_jitter(int failedAttempts, double random, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryPolicy.UntilItWorks.DelayAfter(failedAttempts, random));
}
