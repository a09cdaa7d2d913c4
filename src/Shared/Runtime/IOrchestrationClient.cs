using System.Text.Json;

namespace Pipeline.Runtime;

/// <summary>Starts orchestrations, tells them things and asks how they are. Names and semantics are those of Durable Task.</summary>
public interface IOrchestrationClient
{
    /// <summary>Starts an instance unless one of that id exists, whatever its status.</summary>
    /// <returns>False where it existed.</returns>
    Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken = default);

    /// <summary>
    /// Delivers an event. It is buffered until the orchestration waits for it; to an unknown or ended instance it is dropped without a word.
    /// </summary>
    Task RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken = default);

    Task<OrchestrationInstance?> GetAsync(string instanceId, CancellationToken cancellationToken = default);

    /// <summary>Instances in ordinal order of their ids.</summary>
    Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken cancellationToken = default);

    /// <summary>Ends a running instance. No effect on an ended or unknown one.</summary>
    Task TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default);

    /// <summary>Removes an ended instance and its history. False where there is none, or it still runs.</summary>
    Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default);
}

/// <summary>The statuses of the Durable Functions HTTP API.</summary>
public enum OrchestrationStatus
{
    Pending,
    Running,
    Completed,
    Failed,
    Terminated,
}

/// <param name="FailureDetails">Type and message of the error that ended it, or null.</param>
public sealed record OrchestrationInstance(
    string InstanceId,
    string Name,
    OrchestrationStatus RuntimeStatus,
    JsonElement? Input,
    JsonElement? Output,
    JsonElement? CustomStatus,
    DateTimeOffset CreatedTime,
    DateTimeOffset LastUpdatedTime,
    string? FailureDetails = null)
{
    public bool IsRunning => RuntimeStatus is OrchestrationStatus.Pending or OrchestrationStatus.Running;
}

/// <param name="IdPrefix">Only instances whose id starts so.</param>
/// <param name="Cursor">From the page before.</param>
/// <param name="Take">1 to 1000.</param>
public sealed record OrchestrationQuery(
    string? Name = null,
    OrchestrationStatus? RuntimeStatus = null,
    string? IdPrefix = null,
    string? Cursor = null,
    int Take = 100);

/// <param name="NextCursor">Null on the last page.</param>
public sealed record OrchestrationPage(IReadOnlyList<OrchestrationInstance> Items, string? NextCursor);
