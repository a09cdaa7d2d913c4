using System.Text.Json;
using Microsoft.DurableTask;
using Pipeline.Runtime;
using RetryPolicy = Pipeline.Runtime.RetryPolicy;

namespace Pipeline.Functions.Durable;

/// <summary>
/// The context of Durable Functions as the port. Everything awaited comes from the inner context and comes back to its scheduler;
/// values go through it as JSON elements, so that the app's own options read and write them.
/// </summary>
internal sealed class DurableOrchestrationContext(TaskOrchestrationContext inner) : IOrchestrationContext
{
    /// <summary>Runs an orchestrator of Shared; its result is JSON by the app's own options.</summary>
    public static async Task<JsonElement?> RunAsync(TaskOrchestrationContext context, Func<IOrchestrationContext, Task<object?>> orchestrator) =>
        ToElement(await orchestrator(new DurableOrchestrationContext(context)).ConfigureAwait(true));

    public string Name => inner.Name;

    public string InstanceId => inner.InstanceId;

    public bool IsReplaying => inner.IsReplaying;

    public DateTimeOffset CurrentUtcDateTime => new(DateTime.SpecifyKind(inner.CurrentUtcDateTime, DateTimeKind.Utc));

    public T? GetInput<T>() => From<T?>(inner.GetInput<JsonElement?>());

    /// <summary>Retries here and not by the service's policy, which knows neither jitter nor errors that no retry can mend.</summary>
    public async Task<T> CallActivityAsync<T>(string name, object? input = null, RetryPolicy? retry = null)
    {
        var payload = ToElement(input);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return From<T>(await inner.CallActivityAsync<JsonElement?>(new TaskName(name), payload).ConfigureAwait(true));
            }
            catch (TaskFailedException exception)
            {
                // The service gives the type's full name.
                var type = exception.FailureDetails.ErrorType.Split('.')[^1];
                if (retry is null || attempt >= retry.MaxAttempts || type == nameof(NonRetryableException))
                {
                    throw new ActivityFailedException(name, type, exception.FailureDetails.ErrorMessage);
                }
            }

            var delay = retry.DelayAfter(attempt, Chance());
            await inner.CreateTimer(inner.CurrentUtcDateTime + delay, CancellationToken.None).ConfigureAwait(true);
        }
    }

    public Task CreateTimer(DateTimeOffset dueAt, CancellationToken cancellationToken = default) => inner.CreateTimer(dueAt.UtcDateTime, cancellationToken);

    public async Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default) =>
        From<T>(await inner.WaitForExternalEvent<JsonElement?>(eventName, cancellationToken).ConfigureAwait(true));

    public void SetCustomStatus(object? status) => inner.SetCustomStatus(ToElement(status));

    public void ContinueAsNew(object? newInput, bool preserveUnprocessedEvents = true) => inner.ContinueAsNew(ToElement(newInput), preserveUnprocessedEvents);

    public Guid NewGuid() => inner.NewGuid();

    // 0 to 1, the same in every replay.
    private double Chance() => BitConverter.ToUInt32(inner.NewGuid().ToByteArray()) / (uint.MaxValue + 1d);

    private static JsonElement? ToElement(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, PipelineJson.Options);

    private static T From<T>(JsonElement? element) =>
        element is { ValueKind: not JsonValueKind.Undefined } json ? json.Deserialize<T>(PipelineJson.Options)! : default!;
}
