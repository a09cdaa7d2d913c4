using System.Diagnostics;
using System.Net;

namespace Pipeline.Bench.Load;

/// <summary>Every connection posts, waits for the answer and posts again: the most that the target takes with so many senders.</summary>
internal sealed class ClosedLoop : IDisposable
{
    private readonly Lock gate = new();
    private readonly Latencies latencies = new();
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Connection> connections;
    private readonly int alertsPerPost;
    private readonly int distinct;
    private readonly long lastPost;
    private long measureFrom;
    private long measureTo;
    private long sent;
    private long failed;
    private int busy;

    /// <param name="distinct">So many alerts are told apart; then the same come again.</param>
    /// <param name="posts">Ends after so many, or null: after the time.</param>
    public ClosedLoop(EndPoint target, AlertRequest request, int connectionCount, int distinct, long? posts = null)
    {
        this.distinct = distinct;
        alertsPerPost = request.AlertsPerPost;
        lastPost = posts ?? long.MaxValue;
        connections = [.. Enumerable.Range(0, connectionCount).Select(_ => new Connection(target, request, OnAnswered))];
    }

    public async Task<LoadResult> RunAsync(TimeSpan warmUp, TimeSpan time, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        measureFrom = begin + Ticks(warmUp);
        measureTo = measureFrom + Ticks(time);
        busy = connections.Count;
        foreach (var connection in connections)
        {
            if (!TryNumber(connection))
            {
                Finish();
                continue;
            }

            connection.Post(Stopwatch.GetTimestamp());
        }

        await finished.Task.WaitAsync(warmUp + time + TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken);
        var end = Math.Min(Stopwatch.GetTimestamp(), measureTo);
        return new LoadResult(latencies.Count, failed, Stopwatch.GetElapsedTime(measureFrom, end), alertsPerPost, latencies);
    }

    public void Dispose() => connections.ForEach(connection => connection.Dispose());

    private bool OnAnswered(Connection connection, PostOutcome outcome)
    {
        lock (gate)
        {
            if (outcome.Status is < 200 or > 299)
            {
                failed++;
            }
            else if (outcome.Answered >= measureFrom && outcome.Answered < measureTo)
            {
                latencies.Add(outcome.Answered - outcome.Due);
            }
        }

        if (outcome.Status == 0 || outcome.Answered >= measureTo || !TryNumber(connection))
        {
            Finish();
            return false;
        }

        connection.Send(outcome.Answered);
        return true;
    }

    private bool TryNumber(Connection connection)
    {
        var post = Interlocked.Increment(ref sent) - 1;
        if (post >= lastPost)
        {
            return false;
        }

        connection.Request.Number(post * alertsPerPost, distinct);
        return true;
    }

    private void Finish()
    {
        if (Interlocked.Decrement(ref busy) == 0)
        {
            finished.SetResult();
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
