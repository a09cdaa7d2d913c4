namespace Microsoft.DurableTask;

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.taskname</summary>
public readonly record struct TaskName
{
    public TaskName(string name) => Name = name;

    public string Name { get; }

    public static implicit operator TaskName(string value) => new(value);

    public static implicit operator string(TaskName value) => value.Name;

    public override string ToString() => Name;
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.parentorchestrationinstance</summary>
public record ParentOrchestrationInstance(TaskName Name, string InstanceId);

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.taskoptions</summary>
public record TaskOptions;

/// <summary>
/// Not used; here so that its name meets <c>Pipeline.Runtime.RetryPolicy</c> as the official one does.
/// https://learn.microsoft.com/dotnet/api/microsoft.durabletask.retrypolicy
/// </summary>
public class RetryPolicy(
    int maxNumberOfAttempts,
    TimeSpan firstRetryInterval,
    double backoffCoefficient = 1.0,
    TimeSpan? maxRetryInterval = null,
    TimeSpan? retryTimeout = null)
{
    public int MaxNumberOfAttempts { get; } = maxNumberOfAttempts;

    public TimeSpan FirstRetryInterval { get; } = firstRetryInterval;

    public double BackoffCoefficient { get; } = backoffCoefficient;

    public TimeSpan MaxRetryInterval { get; } = maxRetryInterval ?? TimeSpan.FromHours(1);

    public TimeSpan RetryTimeout { get; } = retryTimeout ?? Timeout.InfiniteTimeSpan;
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.startorchestrationoptions</summary>
public record StartOrchestrationOptions(string? InstanceId = null, DateTimeOffset? StartAt = null)
{
    /// <summary>Names of the statuses in which an instance of that id makes the start fail.</summary>
    public IReadOnlyList<string>? DedupeStatuses { get; init; }
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.taskfailuredetails</summary>
public record TaskFailureDetails(
    string ErrorType, string ErrorMessage, string? StackTrace, TaskFailureDetails? InnerFailure, IDictionary<string, object?>? Properties);

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.taskfailedexception</summary>
public sealed class TaskFailedException(string taskName, int taskId, TaskFailureDetails failureDetails)
    : Exception($"Task '{taskName}' (#{taskId}) failed with an unhandled exception: {failureDetails.ErrorMessage}")
{
    public string TaskName { get; } = taskName;

    public int TaskId { get; } = taskId;

    public TaskFailureDetails FailureDetails { get; } = failureDetails;
}
