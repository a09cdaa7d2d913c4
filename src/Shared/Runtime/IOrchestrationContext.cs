namespace Pipeline.Runtime;

/// <summary>
/// What an orchestrator may touch. Its code is run again from its history at any time, so it must do the same each time:
/// no clock but <see cref="CurrentUtcDateTime"/>, no randomness but <see cref="NewGuid"/>, no I/O but activities,
/// and no <c>await</c> of anything that doesn't come from here (<c>Task.WhenAny</c>, <c>Task.WhenAll</c> and async methods of such tasks are fine).
/// <para>
/// Write <c>await context.….ConfigureAwait(true)</c> (a plain <c>await</c> is the same): the code must come back to the host's own scheduler.
/// <c>ConfigureAwait(false)</c>, <c>Task.Run</c> or <c>Task.Delay</c> lead away from it, and fail the instance.
/// Cancel a token with <c>Cancel()</c>, not <c>CancelAsync()</c>, which goes on in the thread pool.
/// </para>
/// </summary>
public interface IOrchestrationContext
{
    string Name { get; }

    string InstanceId { get; }

    /// <summary>True while history is being repeated; for logging only.</summary>
    bool IsReplaying { get; }

    /// <summary>The time of the event being processed, the same in every replay.</summary>
    DateTimeOffset CurrentUtcDateTime { get; }

    T? GetInput<T>();

    /// <summary>
    /// Runs an activity at least once and gives its result.
    /// Throws <see cref="ActivityFailedException"/> when every attempt failed or the error can't be retried.
    /// </summary>
    Task<T> CallActivityAsync<T>(string name, object? input = null, RetryPolicy? retry = null);

    /// <summary>Completes at <paramref name="dueAt"/>, at once where that has passed. Cancel a timer that lost its race.</summary>
    Task CreateTimer(DateTimeOffset dueAt, CancellationToken cancellationToken = default);

    /// <summary>
    /// Completes with the next event of that name (compared without regard to case), or throws <see cref="System.Text.Json.JsonException"/>
    /// where its payload is no <typeparamref name="T"/>.
    /// Keep one waiter a name and await it again, or cancel it: which of two waiters takes the next event is not said.
    /// </summary>
    Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default);

    /// <summary>What status queries show. A new generation begins without one.</summary>
    void SetCustomStatus(object? status);

    /// <summary>
    /// When the orchestrator returns, it starts anew with this input and an empty history; its result is ignored, and so are
    /// its timers and activities that have not ended, as at every end of an orchestration.
    /// </summary>
    /// <param name="preserveUnprocessedEvents">
    /// Events that no waiter took go to the new run, in any order. An event is taken as soon as it meets a waiter,
    /// so look at a kept waiter (<see cref="Task.IsCompleted"/>) before this call.
    /// </param>
    void ContinueAsNew(object? newInput, bool preserveUnprocessedEvents = true);

    /// <summary>The same sequence in every replay.</summary>
    Guid NewGuid();
}

/// <param name="MaxAttempts">At least 1.</param>
/// <param name="FirstInterval">Before the second attempt.</param>
/// <param name="BackoffCoefficient">At least 1; each wait is the one before times this.</param>
/// <param name="MaxInterval">No wait is longer. Null: no bound.</param>
/// <param name="Jitter">0 to 1: the part of each wait that is random, so that many don't retry in step.</param>
public sealed record RetryPolicy(
    int MaxAttempts,
    TimeSpan FirstInterval,
    double BackoffCoefficient = 2,
    TimeSpan? MaxInterval = null,
    double Jitter = 0.2)
{
    /// <summary>For an activity that writes to the store: it must happen, however long the store is away.</summary>
    public static RetryPolicy UntilItWorks { get; } = new(int.MaxValue, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(1));

    /// <summary>The wait after <paramref name="failedAttempts"/> failures.</summary>
    /// <param name="random">0 (inclusive) to 1 (exclusive).</param>
    public TimeSpan DelayAfter(int failedAttempts, double random)
    {
        var ticks = FirstInterval.Ticks * Math.Pow(BackoffCoefficient, failedAttempts - 1);
        var longest = (MaxInterval ?? TimeSpan.FromDays(1)).Ticks;
        var capped = Math.Min(ticks, longest);
        return TimeSpan.FromTicks((long)(capped * (1 - (Jitter * random))));
    }
}

/// <summary>An activity failed for good; its orchestrator sees this.</summary>
public sealed class ActivityFailedException(string activity, string errorType, string errorMessage)
    : Exception($"Activity '{activity}' failed: {errorType}: {errorMessage}")
{
    public string Activity { get; } = activity;

    public string ErrorType { get; } = errorType;

    public string ErrorMessage { get; } = errorMessage;
}

/// <summary>Thrown by an activity whose error no retry can mend.</summary>
public sealed class NonRetryableException(string message, Exception? innerException = null) : Exception(message, innerException);
