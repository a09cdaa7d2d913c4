using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;
using DurableQuery = Microsoft.DurableTask.Client.OrchestrationQuery;
using OrchestrationQuery = Pipeline.Runtime.OrchestrationQuery;

namespace Pipeline.Functions.Durable;

/// <summary>Orchestrations of Durable Functions. Inputs, events and outputs are JSON elements, so that the app's own options read and write them.</summary>
internal sealed class DurableOrchestrationClient(DurableClientScope scope) : IOrchestrationClient
{
    // An id is used once, whatever became of its instance: a reopened incident's next round has an id of its own.
    private static readonly string[] EveryStatus =
    [
        nameof(OrchestrationRuntimeStatus.Running),
        nameof(OrchestrationRuntimeStatus.Pending),
        nameof(OrchestrationRuntimeStatus.Suspended),
        nameof(OrchestrationRuntimeStatus.Completed),
        nameof(OrchestrationRuntimeStatus.Failed),
        nameof(OrchestrationRuntimeStatus.Terminated),
    ];

    public async Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken = default)
    {
        if (await ExistsAsync(instanceId, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        try
        {
            var options = new StartOrchestrationOptions(instanceId) { DedupeStatuses = EveryStatus };
            await scope.Current.ScheduleNewOrchestrationInstanceAsync(new TaskName(name), ToElement(input), options, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (InvalidOperationException)
        {
            // Refused by the statuses above: somebody else started it meanwhile.
            if (await ExistsAsync(instanceId, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            throw;
        }
    }

    public Task RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken = default) =>
        scope.Current.RaiseEventAsync(instanceId, eventName, ToElement(payload), cancellationToken);

    public async Task<OrchestrationInstance?> GetAsync(string instanceId, CancellationToken cancellationToken = default) =>
        await scope.Current.GetInstanceAsync(instanceId, getInputsAndOutputs: true, cancellationToken).ConfigureAwait(false) is { } found ? ToInstance(found) : null;

    public async Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken cancellationToken = default)
    {
        OrchestrationValues.CheckTake(query.Take);

        // The service neither filters by name nor sorts by id; both are done here, over what the prefix and the status leave.
        var filter = new DurableQuery
        {
            Statuses = query.RuntimeStatus is { } status ? StatusesOf(status) : null,
            InstanceIdPrefix = query.IdPrefix,
            PageSize = OrchestrationPaging.ScanPage,
            FetchInputsAndOutputs = true,
        };
        var paging = new OrchestrationPaging(query);
        await foreach (var instance in scope.Current.GetAllInstancesAsync(filter).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            paging.Add(instance.InstanceId, instance.Name, () => ToInstance(instance));
        }

        return paging.ToPage();
    }

    public async Task TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default)
    {
        if (await scope.Current.GetInstanceAsync(instanceId, getInputsAndOutputs: false, cancellationToken).ConfigureAwait(false) is { } found && IsRunning(found))
        {
            await scope.Current.TerminateInstanceAsync(instanceId, new TerminateInstanceOptions(ToElement(reason)), cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default) =>
        await scope.Current.GetInstanceAsync(instanceId, getInputsAndOutputs: false, cancellationToken).ConfigureAwait(false) is { } found
        && !IsRunning(found)
        && (await scope.Current.PurgeInstanceAsync(instanceId, new PurgeInstanceOptions(), cancellationToken).ConfigureAwait(false)).PurgedInstanceCount > 0;

    internal static OrchestrationInstance ToInstance(OrchestrationMetadata metadata) => new(
        metadata.InstanceId,
        metadata.Name,
        StatusOf(metadata.RuntimeStatus),
        Parse(metadata.SerializedInput),
        Parse(metadata.SerializedOutput),
        Parse(metadata.SerializedCustomStatus),
        metadata.CreatedAt,
        metadata.LastUpdatedAt,
        metadata.FailureDetails is { } failure ? $"{failure.ErrorType}: {failure.ErrorMessage}" : null);

    internal static OrchestrationStatus StatusOf(OrchestrationRuntimeStatus status) => status switch
    {
        OrchestrationRuntimeStatus.Completed => OrchestrationStatus.Completed,
        OrchestrationRuntimeStatus.Failed => OrchestrationStatus.Failed,
        OrchestrationRuntimeStatus.Terminated => OrchestrationStatus.Terminated,
        OrchestrationRuntimeStatus.Pending => OrchestrationStatus.Pending,

        // Suspended, or between two generations: it goes on.
        _ => OrchestrationStatus.Running,
    };

    private static OrchestrationRuntimeStatus[] StatusesOf(OrchestrationStatus status) => status switch
    {
        OrchestrationStatus.Completed => [OrchestrationRuntimeStatus.Completed],
        OrchestrationStatus.Failed => [OrchestrationRuntimeStatus.Failed],
        OrchestrationStatus.Terminated => [OrchestrationRuntimeStatus.Terminated],
        OrchestrationStatus.Pending => [OrchestrationRuntimeStatus.Pending],
        _ => [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended],
    };

    private static bool IsRunning(OrchestrationMetadata metadata) => StatusOf(metadata.RuntimeStatus) is OrchestrationStatus.Pending or OrchestrationStatus.Running;

    private async Task<bool> ExistsAsync(string instanceId, CancellationToken cancellationToken) =>
        await scope.Current.GetInstanceAsync(instanceId, getInputsAndOutputs: false, cancellationToken).ConfigureAwait(false) is not null;

    private static JsonElement? Parse(string? serialized)
    {
        if (string.IsNullOrEmpty(serialized))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(serialized);
        }
        catch (JsonException)
        {
            // The service puts plain text where it ended an instance itself.
            return JsonSerializer.SerializeToElement(serialized);
        }
    }

    private static JsonElement? ToElement(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, PipelineJson.Options);
}
