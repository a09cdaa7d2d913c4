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
            await GuardAsync(client => client.ScheduleNewOrchestrationInstanceAsync(new TaskName(name), ToElement(input), options, cancellationToken)).ConfigureAwait(false);
            return true;
        }
        catch (StoreUnavailableException)
        {
            // Perhaps refused by the statuses above, because somebody else started it meanwhile.
            if (await ExistsAsync(instanceId, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            throw;
        }
    }

    public async Task RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken = default)
    {
        // The service refuses an event to an ended instance; to us it is one that nobody waits for.
        if (!await IsRunningAsync(instanceId, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            await GuardAsync(client => client.RaiseEventAsync(instanceId, eventName, ToElement(payload), cancellationToken)).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            if (await IsRunningAsync(instanceId, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }
        }
    }

    public async Task<OrchestrationInstance?> GetAsync(string instanceId, CancellationToken cancellationToken = default) =>
        await FindAsync(instanceId, withValues: true, cancellationToken).ConfigureAwait(false) is { } found ? ToInstance(found) : null;

    public Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken cancellationToken = default)
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
        return GuardAsync(async client =>
        {
            var paging = new OrchestrationPaging(query);
            await foreach (var instance in client.GetAllInstancesAsync(filter).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                paging.Add(instance.InstanceId, instance.Name, () => ToInstance(instance));
            }

            return paging.ToPage();
        });
    }

    public async Task TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default)
    {
        if (await IsRunningAsync(instanceId, cancellationToken).ConfigureAwait(false))
        {
            await GuardAsync(client => client.TerminateInstanceAsync(instanceId, new TerminateInstanceOptions(ToElement(reason)), cancellationToken)).ConfigureAwait(false);
        }
    }

    public async Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default) =>
        await FindAsync(instanceId, withValues: false, cancellationToken).ConfigureAwait(false) is { } found
        && !IsRunning(found)
        && (await GuardAsync(client => client.PurgeInstanceAsync(instanceId, new PurgeInstanceOptions(), cancellationToken)).ConfigureAwait(false)).PurgedInstanceCount > 0;

    internal static OrchestrationInstance ToInstance(OrchestrationMetadata metadata) => new(
        metadata.InstanceId,
        metadata.Name,
        StatusOf(metadata.RuntimeStatus),
        Parse(metadata.SerializedInput),
        HasFailed(metadata) ? null : Parse(metadata.SerializedOutput),
        Parse(metadata.SerializedCustomStatus),
        metadata.CreatedAt,
        metadata.LastUpdatedAt,
        HasFailed(metadata) ? FailureOf(metadata) : null);

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

    private static bool HasFailed(OrchestrationMetadata metadata) => metadata.RuntimeStatus == OrchestrationRuntimeStatus.Failed;

    // The extension in Azure leaves the details out, and puts their text where the output is of an instance that has completed.
    private static string FailureOf(OrchestrationMetadata metadata) => metadata.FailureDetails is { } failure
        ? $"{failure.ErrorType}: {failure.ErrorMessage}"
        : Parse(metadata.SerializedOutput) switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { } other => other.GetRawText(),
            null => "It failed without saying why.",
        };

    private static bool IsRunning(OrchestrationMetadata metadata) => StatusOf(metadata.RuntimeStatus) is OrchestrationStatus.Pending or OrchestrationStatus.Running;

    private async Task<bool> ExistsAsync(string instanceId, CancellationToken cancellationToken) =>
        await FindAsync(instanceId, withValues: false, cancellationToken).ConfigureAwait(false) is not null;

    private async Task<bool> IsRunningAsync(string instanceId, CancellationToken cancellationToken) =>
        await FindAsync(instanceId, withValues: false, cancellationToken).ConfigureAwait(false) is { } found && IsRunning(found);

    private Task<OrchestrationMetadata?> FindAsync(string instanceId, bool withValues, CancellationToken cancellationToken) =>
        GuardAsync(client => client.GetInstanceAsync(instanceId, withValues, cancellationToken));

    private Task GuardAsync(Func<DurableTaskClient, Task> call) => GuardAsync(async client =>
    {
        await call(client).ConfigureAwait(false);
        return true;
    });

    // Whatever the gateway answers with (gRPC's own exceptions are no part of the client's surface), the task hub can't be asked now.
    private async Task<T> GuardAsync<T>(Func<DurableTaskClient, Task<T>> call)
    {
        var client = scope.Current;
        try
        {
            return await call(client).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ArgumentException))
        {
            throw new StoreUnavailableException($"The task hub of Durable Functions did not do it: {exception.Message}", exception);
        }
    }

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
