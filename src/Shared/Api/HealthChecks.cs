using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// Checks the parts that an alert has to reach. Anybody may ask, so what was found counts for two seconds and whoever asks meanwhile shares it:
/// a thousand probes a second are one durable write every two seconds.
/// </summary>
/// <param name="parts">By name. Where a name is there twice, the worse of both counts.</param>
internal sealed partial class HealthChecks(
    IReadOnlyList<(string Name, Func<CancellationToken, Task> Check)> parts, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();

    // The last call of each part. One that hangs is waited for again and never started beside itself.
    private readonly Task[] calls = [.. parts.Select(_ => Task.CompletedTask)];
    private Task<IReadOnlyDictionary<string, PartState>>? last;
    private long askedAt;

    public Task<IReadOnlyDictionary<string, PartState>> FindAsync()
    {
        lock (gate)
        {
            if (last is null || (last.IsCompleted && time.GetElapsedTime(askedAt) >= FreshFor))
            {
                askedAt = time.GetTimestamp();
                last = FindNowAsync();
            }

            return last;
        }
    }

    private async Task<IReadOnlyDictionary<string, PartState>> FindNowAsync()
    {
        // Not under the caller's lock.
        await Task.Yield();
        var found = await Task.WhenAll(parts.Select((_, index) => CheckAsync(index))).ConfigureAwait(false);
        return found
            .GroupBy(part => part.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Max(part => part.State), StringComparer.Ordinal);
    }

    private async Task<(string Name, PartState State)> CheckAsync(int index)
    {
        var (name, check) = parts[index];
        try
        {
            if (calls[index].IsCompleted)
            {
                calls[index] = check(CancellationToken.None);
            }

            await calls[index].WaitAsync(Patience, time).ConfigureAwait(false);
            return (name, PartState.Ready);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            LogAway(logger, name, exception);
            return (name, exception switch
            {
                StoreUnavailableException { IsCorrupt: true } => PartState.Corrupt,
                TimeoutException => PartState.Silent,
                _ => PartState.Away,
            });
        }
    }

    [LoggerMessage(152, LogLevel.Error, "{Part} can't be reached or written; health says so.")]
    private static partial void LogAway(ILogger logger, string part, Exception exception);
}
