namespace Pipeline.Standalone.Orchestration;

internal sealed record OrchestrationEngineOptions
{
    /// <summary>Waiting instances kept alive in memory, a few KB each. The others are replayed from their history when an event comes.</summary>
    public int CachedInstances { get; init; } = 2000;

    /// <summary>
    /// Turns of different instances beside each other. More than there are cores, because most of a turn is waiting for its commit,
    /// and commits that wait together cost one sync.
    /// </summary>
    public int ConcurrentTurns { get; init; } = 32;

    /// <summary>Activities beside each other.</summary>
    public int ConcurrentActivities { get; init; } = 32;

    /// <summary>How long a stop waits for the activities in hand before it cancels them. A cancelled one runs again at the next start.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The part of retry delays that is random: 0 (inclusive) to 1 (exclusive).</summary>
    public Func<double> Random { get; init; } = new LockedRandom().Next;

    private sealed class LockedRandom
    {
        private readonly Lock gate = new();
        private readonly Random random = new();

        public double Next()
        {
            lock (gate)
            {
                return random.NextDouble();
            }
        }
    }
}
