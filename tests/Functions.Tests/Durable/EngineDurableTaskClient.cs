using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Pipeline.Runtime;
using DurableQuery = Microsoft.DurableTask.Client.OrchestrationQuery;

namespace Pipeline.Functions.Tests.Durable;

/// <summary>The client of Durable Task, served by an engine of ours. Instances are listed in no order, newest page first, as the service may.</summary>
internal sealed class EngineDurableTaskClient(IOrchestrationClient native) : DurableTaskClient("engine")
{
    /// <summary>What each call fails with.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Calls made of the service.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What somebody else does just before the next instance is scheduled.</summary>
    public Func<Task>? BeforeSchedule { get; set; }

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        Calls.Add($"schedule {options?.InstanceId}");
        if (BeforeSchedule is { } before)
        {
            BeforeSchedule = null;
            await before();
        }

        var id = options?.InstanceId ?? throw new InvalidOperationException("Ids are ours.");
        if (await native.StartAsync(orchestratorName, id, input, cancellation))
        {
            return id;
        }

        var status = (await native.GetAsync(id, cancellation))!.RuntimeStatus.ToString();
        throw options.DedupeStatuses?.Contains(status, StringComparer.Ordinal) == true
            ? new InvalidOperationException($"An orchestration with id {id} and status {status} exists.")
            : new NotSupportedException("The service would have replaced the instance; no start of ours may.");
    }

    /// <summary>What somebody else does just before the next event is raised.</summary>
    public Func<Task>? BeforeRaise { get; set; }

    /// <summary>As the durable extension: an ended instance is an error, an unknown one is not.</summary>
    public override async Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        if (BeforeRaise is { } before)
        {
            BeforeRaise = null;
            await before();
        }

        if (await native.GetAsync(instanceId, cancellation) is { IsRunning: false } ended)
        {
            throw new IOException($"Cannot raise event {eventName} for orchestration instance {instanceId} because it is in state {ended.RuntimeStatus}.");
        }

        await native.RaiseEventAsync(instanceId, eventName, eventPayload, cancellation);
    }

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        Calls.Add($"terminate {instanceId}");
        return native.TerminateAsync(instanceId, ((JsonElement)options!.Output!).GetString()!, cancellation);
    }

    public override async Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        Fault is { } fault ? throw fault : await native.GetAsync(instanceId, cancellation) is { } found ? Of(found) : null;

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(DurableQuery? filter = null) => Pageable.Create(async (_, cancellation) =>
    {
        var all = await native.ListAsync(new Pipeline.Runtime.OrchestrationQuery(IdPrefix: filter?.InstanceIdPrefix, Take: 1000), cancellation);
        var found = all.Items.Select(Of).Where(one => filter?.Statuses is null || filter.Statuses.Contains(one.RuntimeStatus));
        return new Page<OrchestrationMetadata>([.. found.Reverse()]);
    });

    public override async Task<PurgeResult> PurgeInstanceAsync(string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default) =>
        new(await native.PurgeAsync(instanceId, cancellation) ? 1 : 0);

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        throw new NotSupportedException("Nobody waits.");

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        throw new NotSupportedException("Nobody waits.");

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException("Nobody suspends.");

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException("Nobody suspends.");

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static OrchestrationMetadata Of(OrchestrationInstance instance) => new(instance.Name, instance.InstanceId)
    {
        RuntimeStatus = Enum.Parse<OrchestrationRuntimeStatus>(instance.RuntimeStatus.ToString()),
        CreatedAt = instance.CreatedTime,
        LastUpdatedAt = instance.LastUpdatedTime,
        SerializedInput = instance.Input?.GetRawText(),
        SerializedOutput = instance.Output?.GetRawText(),
        SerializedCustomStatus = instance.CustomStatus?.GetRawText(),
        FailureDetails = instance.FailureDetails?.Split(": ", 2) is [var type, var message] ? new TaskFailureDetails(type, message, null, null, null) : null,
    };
}
