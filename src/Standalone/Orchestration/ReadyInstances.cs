using System.Threading.Channels;

namespace Pipeline.Standalone.Orchestration;

/// <summary>Ids of instances that have a turn to take, in order, each once; an instance whose turn is being taken waits for its end.</summary>
internal sealed class ReadyInstances
{
    private readonly Channel<string> queue = Channel.CreateUnbounded<string>();
    private readonly Dictionary<string, State> states = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    private enum State
    {
        Queued,
        Taken,
        TakenAndReadyAgain,
    }

    public void Add(string instanceId)
    {
        lock (gate)
        {
            if (states.TryAdd(instanceId, State.Queued))
            {
                queue.Writer.TryWrite(instanceId);
            }
            else if (states[instanceId] == State.Taken)
            {
                states[instanceId] = State.TakenAndReadyAgain;
            }
        }
    }

    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? instanceId)
    {
        lock (gate)
        {
            if (!queue.Reader.TryRead(out instanceId))
            {
                return false;
            }

            states[instanceId] = State.Taken;
            return true;
        }
    }

    /// <summary>Completes when <see cref="TryTake"/> may find one.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) =>
        await queue.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>The turn is over. One that failed is <paramref name="again"/> ready.</summary>
    public void Release(string instanceId, bool again)
    {
        lock (gate)
        {
            if (states.Remove(instanceId, out var state) && (again || state == State.TakenAndReadyAgain))
            {
                states.Add(instanceId, State.Queued);
                queue.Writer.TryWrite(instanceId);
            }
        }
    }
}
