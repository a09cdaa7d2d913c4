using Pipeline.Runtime.Orchestrations;

namespace Pipeline.Standalone.Orchestration;

/// <summary>A run that stands where the history of its instance ends.</summary>
/// <param name="Turns">In that history.</param>
internal sealed record LiveInstance(OrchestrationRun Run, int Turns);

/// <summary>The runs used last, at most <paramref name="capacity"/>. Whatever is missing here is repeated from its history.</summary>
internal sealed class LiveInstances(int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<LiveInstance>> byId = new(StringComparer.Ordinal);
    private readonly LinkedList<LiveInstance> byUse = [];

    /// <summary>Takes the run out, or gives null where there is none of just that generation and length. Its taker owns it.</summary>
    public OrchestrationRun? Take(OrchestrationIdentity identity, int turns)
    {
        lock (gate)
        {
            if (!byId.Remove(identity.InstanceId, out var node))
            {
                return null;
            }

            byUse.Remove(node);
            return node.Value.Turns == turns && node.Value.Run.Identity == identity ? node.Value.Run : null;
        }
    }

    public void Put(LiveInstance live)
    {
        lock (gate)
        {
            if (byId.Remove(live.Run.Identity.InstanceId, out var older))
            {
                byUse.Remove(older);
            }

            byId.Add(live.Run.Identity.InstanceId, byUse.AddFirst(live));
            while (byUse.Count > capacity)
            {
                byId.Remove(byUse.Last!.Value.Run.Identity.InstanceId);
                byUse.RemoveLast();
            }
        }
    }

    public void Drop(string instanceId)
    {
        lock (gate)
        {
            if (byId.Remove(instanceId, out var node))
            {
                byUse.Remove(node);
            }
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            byId.Clear();
            byUse.Clear();
        }
    }
}
