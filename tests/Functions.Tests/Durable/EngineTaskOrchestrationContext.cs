using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Runtime;

namespace Pipeline.Functions.Tests.Durable;

/// <summary>The context of Durable Task, served by an engine of ours: what the adapter under test is given instead of the service's.</summary>
internal sealed class EngineTaskOrchestrationContext(IOrchestrationContext native) : TaskOrchestrationContext
{
    public override TaskName Name => native.Name;

    public override string InstanceId => native.InstanceId;

    public override ParentOrchestrationInstance? Parent => null;

    public override DateTime CurrentUtcDateTime => native.CurrentUtcDateTime.UtcDateTime;

    public override bool IsReplaying => native.IsReplaying;

    protected override ILoggerFactory LoggerFactory => NullLoggerFactory.Instance;

    public override T? GetInput<T>()
        where T : default => native.GetInput<T>();

    public override async Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        try
        {
            return await native.CallActivityAsync<TResult>(name, input);
        }
        catch (ActivityFailedException exception)
        {
            // As the service tells it: the type by its full name.
            throw new TaskFailedException(name, 0, new TaskFailureDetails($"Some.Namespace.{exception.ErrorType}", exception.ErrorMessage, null, null, null));
        }
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) =>
        native.CreateTimer(new DateTimeOffset(DateTime.SpecifyKind(fireAt, DateTimeKind.Utc)), cancellationToken);

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default) =>
        native.WaitForExternalEvent<T>(eventName, cancellationToken);

    public override void SendEvent(string instanceId, string eventName, object payload) => throw new NotSupportedException("No orchestration of ours sends events.");

    public override void SetCustomStatus(object? customStatus) => native.SetCustomStatus(customStatus);

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        throw new NotSupportedException("No orchestration of ours has one below it.");

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) => native.ContinueAsNew(newInput, preserveUnprocessedEvents);

    public override Guid NewGuid() => native.NewGuid();
}
