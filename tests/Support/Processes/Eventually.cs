using System.Diagnostics;

namespace Pipeline.Tests.Support.Processes;

/// <summary>Waits on what another process does: looks again and again until it is so or the time is over.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until <paramref name="isIt"/> takes what <paramref name="look"/> saw, and returns that.</summary>
    /// <param name="what">What is waited for, in words.</param>
    /// <param name="explain">More for the failure message, such as the output of the processes concerned.</param>
    /// <exception cref="TimeoutException">It never was so; the message says what was seen last.</exception>
    public static async Task<T> GetAsync<T>(
        string what,
        Func<CancellationToken, Task<T>> look,
        Func<T, bool> isIt,
        TimeSpan within,
        CancellationToken cancellationToken,
        Func<string>? explain = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            object? seen;
            try
            {
                var value = await look(cancellationToken);
                if (isIt(value))
                {
                    return value;
                }

                seen = value;
            }
            catch (HttpRequestException unreachable)
            {
                seen = unreachable.Message;
            }

            if (watch.Elapsed > within)
            {
                throw new TimeoutException($"Not within {within}: {what}. Last seen: {Describe(seen)}\n{explain?.Invoke()}");
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    public static Task TrueAsync(
        string what, Func<CancellationToken, Task<bool>> look, TimeSpan within, CancellationToken cancellationToken, Func<string>? explain = null) =>
        GetAsync(what, look, isTrue => isTrue, within, cancellationToken, explain);

    private static string Describe(object? seen) => seen switch
    {
        null => "nothing",
        string text => text,
        System.Collections.IEnumerable many => string.Join("; ", many.Cast<object>()),
        _ => seen.ToString() ?? "",
    };
}
