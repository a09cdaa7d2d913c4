using System.Text.Json;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>A step whose end the orchestrator has not seen. Its continuations run on the turn's thread, where it is completed.</summary>
internal abstract class PendingStep;

internal abstract class PendingActivity : PendingStep
{
    public abstract void Complete(JsonElement? result);

    public abstract void Fail(string errorType, string errorMessage);
}

internal sealed class PendingActivity<T>(string name) : PendingActivity
{
    private readonly TaskCompletionSource<T> completion = new();

    public Task<T> Task => completion.Task;

    public override void Complete(JsonElement? result) => completion.TrySetFrom(result);

    public override void Fail(string errorType, string errorMessage) =>
        completion.TrySetException(new ActivityFailedException(name, errorType, errorMessage));
}

internal sealed class PendingTimer : PendingStep
{
    private readonly TaskCompletionSource completion = new();

    public Task Task => completion.Task;

    public CancellationTokenRegistration Registration { get; set; }

    public void Fire()
    {
        Registration.Unregister();
        completion.TrySetResult();
    }

    public void Cancel(CancellationToken cancellationToken) => completion.TrySetCanceled(cancellationToken);
}
