namespace Pipeline.Runtime;

/// <summary>
/// Keeps work that can wait from slowing work that can't. While senders wait for their answers, what they sent before is handled one piece
/// at a time with rests between; a piece is never put off for longer than <see cref="LongestRest"/>. Otherwise it costs nothing.
/// </summary>
/// <param name="waiting">How many wait who go first.</param>
internal sealed class WorkPace(Func<int> waiting, TimeProvider time)
{
    /// <summary>
    /// A rest is as many times as long as the work before it as more than one are waiting, and at most so many times: a tenth of the time is left.
    /// </summary>
    public const int MaxRestPerWork = 9;

    public static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim turn = new(1);

    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        if (waiting() <= 1)
        {
            return await work().ConfigureAwait(false);
        }

        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var begun = time.GetTimestamp();
            var result = await work().ConfigureAwait(false);
            var rest = time.GetElapsedTime(begun) * Math.Clamp(waiting() - 1, 0, MaxRestPerWork);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest < LongestRest ? rest : LongestRest, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return result;
        }
        finally
        {
            turn.Release();
        }
    }
}
