using System.Text.Json;

namespace Pipeline.Runtime.Orchestrations;

/// <summary>Events that came before anybody waited for them, and waiters whose event hasn't come. As in Durable Task, names are compared without regard to case.</summary>
internal sealed class ExternalEvents(OrchestratorSynchronizationContext thread)
{
    private readonly Dictionary<string, Queue<OrchestrationEvent.Raised>> buffered = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, LinkedList<Waiter>> waiting = new(StringComparer.OrdinalIgnoreCase);

    public int WaiterCount { get; private set; }

    /// <summary>Events nobody took, in the order of their ids.</summary>
    public IEnumerable<OrchestrationEvent.Raised> Untaken => buffered.Values.SelectMany(queue => queue).OrderBy(raised => raised.Id);

    public void Deliver(OrchestrationEvent.Raised raised)
    {
        if (waiting.TryGetValue(raised.Name, out var waiters) && waiters.First is { } first)
        {
            Remove(waiters, first);
            first.Value.Take(raised.Payload);
            return;
        }

        if (!buffered.TryGetValue(raised.Name, out var queue))
        {
            buffered.Add(raised.Name, queue = []);
        }

        queue.Enqueue(raised);
    }

    public Task<T> Wait<T>(string name, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var waiter = new Waiter<T>();
        if (buffered.TryGetValue(name, out var queue) && queue.TryDequeue(out var raised))
        {
            waiter.Take(raised.Payload);
            return waiter.Task;
        }

        if (!waiting.TryGetValue(name, out var waiters))
        {
            waiting.Add(name, waiters = []);
        }

        var node = waiters.AddLast(waiter);
        WaiterCount++;
        waiter.Registration = cancellationToken.Register(() =>
        {
            thread.CheckThread();
            Remove(waiters, node);
            waiter.Cancel(cancellationToken);
        });
        return waiter.Task;
    }

    private void Remove(LinkedList<Waiter> waiters, LinkedListNode<Waiter> node)
    {
        waiters.Remove(node);
        WaiterCount--;
    }

    private abstract class Waiter
    {
        public CancellationTokenRegistration Registration { get; set; }

        public abstract void Take(JsonElement? payload);
    }

    private sealed class Waiter<T> : Waiter
    {
        private readonly TaskCompletionSource<T> completion = new();

        public Task<T> Task => completion.Task;

        public override void Take(JsonElement? payload)
        {
            Registration.Unregister();
            completion.TrySetFrom(payload);
        }

        public void Cancel(CancellationToken cancellationToken) => completion.TrySetCanceled(cancellationToken);
    }
}

internal static class TaskCompletionSourceExtensions
{
    /// <summary>Completes the task with the value, or with the <see cref="JsonException"/> of one that can't be read as <typeparamref name="T"/>.</summary>
    public static void TrySetFrom<T>(this TaskCompletionSource<T> completion, JsonElement? value)
    {
        T? read;
        try
        {
            read = OrchestrationValues.FromElement<T>(value);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            completion.TrySetException(exception);
            return;
        }

        completion.TrySetResult(read!);
    }
}
