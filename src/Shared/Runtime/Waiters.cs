namespace Pipeline.Runtime;

/// <summary>Tasks that wait, in order of arrival, for something that <paramref name="gate"/> guards.</summary>
internal sealed class Waiters(Lock gate)
{
    private readonly LinkedList<TaskCompletionSource> waiting = new();

    /// <summary>
    /// Takes a place in the line. Called with the gate held and in the same hold that found nothing to do, so that no wake-up is missed;
    /// then <see cref="WaitAsync"/> without it.
    /// </summary>
    public LinkedListNode<TaskCompletionSource> Enlist() =>
        waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Completes when woken. A cancelled wait leaves the line.</summary>
    public async Task WaitAsync(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister((_, token) => Leave(place, token), null);
        await using (registration.ConfigureAwait(false))
        {
            await place.Value.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Wakes who has waited longest. Called with the gate held.</summary>
    public void WakeOne()
    {
        if (waiting.First is { } first)
        {
            waiting.RemoveFirst();
            first.Value.SetResult();
        }
    }

    /// <summary>Called with the gate held.</summary>
    public void WakeAll()
    {
        while (waiting.Count > 0)
        {
            WakeOne();
        }
    }

    private void Leave(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (place.List is not null)
            {
                waiting.Remove(place);
                place.Value.SetCanceled(cancellationToken);
            }
        }
    }
}
