using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd.Crash;

/// <summary>From ready to killed. <see cref="To"/> of the last one is the end of time.</summary>
internal sealed record Life(DateTimeOffset From, DateTimeOffset To);

/// <summary>The program, killed at random points and started again on the same data.</summary>
internal sealed class CrashingPipeline(PipelineOptions options, Random random) : IAsyncDisposable
{
    private readonly List<Life> lives = [];
    private readonly List<TimeSpan> starts = [];
    private PipelineProcess? running;

    public IReadOnlyList<Life> Lives => lives;

    /// <summary>From launch to ready, on average.</summary>
    public TimeSpan StartTime => starts.Count == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(starts.Average(start => start.TotalSeconds));

    public int KilledWhileStarting { get; private set; }

    public string Tail() => running?.Tail() ?? "";

    public async Task KillAgainAndAgainAsync(int kills, Func<Task> whenUp, CancellationToken cancellationToken)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            await using var process = PipelineProcess.Launch(options);
            running = process;
            if (random.NextDouble() < CrashPlan.ShareKilledWhileStarting)
            {
                KilledWhileStarting++;
                await PauseAsync(TimeSpan.FromMilliseconds(random.Next(50, 900)), cancellationToken);
            }
            else
            {
                await LiveAsync(process, whenUp, cancellationToken);
            }

            await process.KillAsync();
        }
    }

    public async Task StartForGoodAsync(CancellationToken cancellationToken)
    {
        running = await PipelineProcess.StartAsync(options, cancellationToken);
        lives.Add(new Life(TimeProvider.System.GetUtcNow(), DateTimeOffset.MaxValue));
    }

    public Task<int> StopAsync(CancellationToken cancellationToken) => running!.StopAsync(cancellationToken);

    /// <summary>How long it was up between the two times.</summary>
    public TimeSpan UpBetween(DateTimeOffset from, DateTimeOffset to) => lives
        .Select(life => (life.To < to ? life.To : to) - (life.From > from ? life.From : from))
        .Where(overlap => overlap > TimeSpan.Zero)
        .Aggregate(TimeSpan.Zero, (sum, overlap) => sum + overlap);

    public ValueTask DisposeAsync() => running?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task LiveAsync(PipelineProcess process, Func<Task> whenUp, CancellationToken cancellationToken)
    {
        var length = CrashPlan.LongestLife * (0.1 + (0.9 * random.NextDouble()));
        var launched = TimeProvider.System.GetUtcNow();
        await process.ReadyAsync(cancellationToken);
        var from = TimeProvider.System.GetUtcNow();
        starts.Add(from - launched);
        await whenUp();
        var left = length - (TimeProvider.System.GetUtcNow() - from);
        if (left > TimeSpan.Zero)
        {
            await PauseAsync(left, cancellationToken);
        }

        lives.Add(new Life(from, TimeProvider.System.GetUtcNow()));
    }

    private static Task PauseAsync(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, TimeProvider.System, cancellationToken);
}
