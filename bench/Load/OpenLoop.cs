using System.Diagnostics;
using System.Net;

namespace Pipeline.Bench.Load;

/// <summary>
/// Posts at a fixed rate, whether the answers keep up or not. A latency counts from when the post was due, so that a slow answer shows in every post
/// that had to wait for it.
/// </summary>
internal sealed class OpenLoop : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly Lock gate = new();
    private readonly Latencies latencies = new();
    private readonly Queue<long> overdue = new();
    private readonly Stack<Connection> idle = new();
    private readonly List<Connection> connections;
    private readonly int alertsPerPost;
    private readonly int distinct;
    private readonly double rate;
    private long measureFrom;
    private long posts;
    private long failed;

    /// <param name="rate">Posts a second.</param>
    public OpenLoop(EndPoint target, AlertRequest request, int connectionCount, int distinct, double rate)
    {
        this.distinct = distinct;
        this.rate = rate;
        alertsPerPost = request.AlertsPerPost;
        connections = [.. Enumerable.Range(0, connectionCount).Select(_ => new Connection(target, request, OnAnswered))];
        connections.ForEach(idle.Push);
    }

    public async Task<LoadResult> RunAsync(TimeSpan warmUp, TimeSpan time, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        measureFrom = begin + Ticks(warmUp);
        var end = measureFrom + Ticks(time);
        var pacing = Task.Factory.StartNew(() => Pace(begin, end, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await pacing;
        lock (gate)
        {
            // What was due and never sent counts as failed, so that an overloaded target can't look fast.
            return new LoadResult(latencies.Count, failed + overdue.Count, time, alertsPerPost, latencies);
        }
    }

    public void Dispose() => connections.ForEach(connection => connection.Dispose());

    private void Pace(long begin, long end, CancellationToken cancellationToken)
    {
        long scheduled = 0;
        while (Stopwatch.GetTimestamp() is var now && now < end && !cancellationToken.WaitHandle.WaitOne(Tick))
        {
            now = Stopwatch.GetTimestamp();
            for (; begin + (long)(scheduled / rate * Stopwatch.Frequency) is var due && due <= now && due < end; scheduled++)
            {
                if (TryTakeIdle(due) is { } connection)
                {
                    connection.Post(due);
                }
            }
        }
    }

    private Connection? TryTakeIdle(long due)
    {
        lock (gate)
        {
            if (!idle.TryPop(out var connection))
            {
                overdue.Enqueue(due);
                return null;
            }

            connection.Request.Number(posts++ * alertsPerPost, distinct);
            return connection;
        }
    }

    private bool OnAnswered(Connection connection, PostOutcome outcome)
    {
        long due;
        lock (gate)
        {
            if (outcome.Status is < 200 or > 299)
            {
                failed++;
            }
            else if (outcome.Due >= measureFrom)
            {
                latencies.Add(outcome.Answered - outcome.Due);
            }

            if (outcome.Status == 0)
            {
                return false;
            }

            if (!overdue.TryDequeue(out due))
            {
                idle.Push(connection);
                return false;
            }

            connection.Request.Number(posts++ * alertsPerPost, distinct);
        }

        connection.Send(due);
        return true;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
