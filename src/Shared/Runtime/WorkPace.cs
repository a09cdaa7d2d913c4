namespace Pipeline.Runtime;

/// <summary>
/// Keeps work that can wait from slowing work that can't. While senders wait for their answers, what they sent before is handled
/// <see cref="Beside"/> pieces at a time; while a crowd of them waits, one at a time with rests between. A piece is never put off
/// for longer than <see cref="LongestRest"/> by another one's rest. Otherwise it costs nothing.
/// </summary>
/// <param name="waiting">How many wait who go first.</param>
internal sealed class WorkPace(Func<int> waiting, TimeProvider time)
{
    /// <summary>Pieces at a time while a few wait.</summary>
    public const int Beside = 4;

    /// <summary>More waiting than so many are a crowd.</summary>
    public const int Few = 16;

    /// <summary>A rest grows with half the crowd beyond <see cref="Few"/>, to at most so many times the work before it: a tenth of the time is left.</summary>
    public const int MaxRestPerWork = 9;

    public static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim beside = new(Beside);
    private readonly SemaphoreSlim alone = new(1);

    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var crowd = waiting();
        if (crowd <= 1)
        {
            return await work().ConfigureAwait(false);
        }

        var gate = crowd <= Few ? beside : alone;
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var begun = time.GetTimestamp();
            var result = await work().ConfigureAwait(false);
            await RestAsync(time.GetElapsedTime(begun), cancellationToken).ConfigureAwait(false);
            return result;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task RestAsync(TimeSpan worked, CancellationToken cancellationToken)
    {
        var rest = worked * Math.Clamp((waiting() - Few) / 2, 0, MaxRestPerWork);
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest < LongestRest ? rest : LongestRest, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
