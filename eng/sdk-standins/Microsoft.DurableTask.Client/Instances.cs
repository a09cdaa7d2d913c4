namespace Microsoft.DurableTask.Client;

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.client.orchestrationruntimestatus</summary>
public enum OrchestrationRuntimeStatus
{
    Running,
    Completed,

    [Obsolete("Exists only for compatibility.")]
    ContinuedAsNew,
    Failed,

    [Obsolete("Exists only for compatibility.")]
    Canceled,
    Terminated,
    Pending,
    Suspended,
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.client.orchestrationmetadata</summary>
public sealed class OrchestrationMetadata(string name, string instanceId)
{
    public string Name { get; } = name;

    public string InstanceId { get; } = instanceId;

    public OrchestrationRuntimeStatus RuntimeStatus { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset LastUpdatedAt { get; init; }

    public string? SerializedInput { get; init; }

    public string? SerializedOutput { get; init; }

    public string? SerializedCustomStatus { get; init; }

    public TaskFailureDetails? FailureDetails { get; init; }
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.client.orchestrationquery</summary>
public record OrchestrationQuery(
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    IEnumerable<OrchestrationRuntimeStatus>? Statuses = null,
    IEnumerable<string>? TaskHubNames = null,
    string? InstanceIdPrefix = null,
    int PageSize = OrchestrationQuery.DefaultPageSize,
    bool FetchInputsAndOutputs = false,
    string? ContinuationToken = null)
{
    public const int DefaultPageSize = 100;
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.client.terminateinstanceoptions</summary>
public record TerminateInstanceOptions(object? Output = null, bool Recursive = false);

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.client.purgeinstanceoptions</summary>
public record PurgeInstanceOptions(bool Recursive = false);

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.durabletask.client.purgeresult</summary>
public class PurgeResult(int count)
{
    public int PurgedInstanceCount { get; } = count;
}
