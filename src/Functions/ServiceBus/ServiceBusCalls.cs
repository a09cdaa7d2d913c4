using Pipeline.Runtime;

namespace Pipeline.Functions.ServiceBus;

/// <summary>
/// Calls to one queue that are answered in time: senders of alerts wait some ten seconds in all, and one that hears 503 in that time sends
/// again. The client's own waits don't end in time: it ignores cancellation here and there, and pauses 10 s after it was throttled.
/// </summary>
internal sealed class ServiceBusCalls(string queue, TimeProvider time)
{
    /// <summary>8 s from the call to its answer, with all tries: less than the ten seconds of senders by what the rest of a post of one batch takes.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(8);

    /// <summary>2 s, as the service asks of a client that it throttles.</summary>
    public static readonly TimeSpan PauseWhenBusy = TimeSpan.FromSeconds(2);

    /// <summary>0.5 s before the one other try after a lost connection or answer.</summary>
    public static readonly TimeSpan PauseAfterLoss = TimeSpan.FromSeconds(0.5);

    /// <param name="what">What the call does, as in "sending failed".</param>
    /// <param name="call">Idempotent, as it may be tried again.</param>
    /// <param name="messages">What it sends; null where it sends nothing, so that nothing of the caller's can be refused.</param>
    /// <exception cref="StoreUnavailableException">It failed, or wasn't answered in time.</exception>
    /// <exception cref="ArgumentException">The service refused a message for what it is.</exception>
    public async Task<T> RunAsync<T>(
        string what, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken, object? messages = null)
    {
        var start = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Exception? last = null;
        var losses = 0;
        while (true)
        {
            try
            {
                return await TryAsync(call, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (OperationCanceledException exception) when (deadline.IsCancellationRequested)
            {
                throw Unavailable(what, last?.Message ?? $"no answer within {Deadline.TotalSeconds:0} s.", exception);
            }
            catch (Exception exception)
            {
                last = exception;
            }

            var meaning = ServiceBusFaults.Decide(last, carriesMessages: messages is not null);
            var pause = PauseAfter(meaning, ref losses);
            if (pause is not { } rest || time.GetElapsedTime(start) + rest >= Deadline)
            {
                throw meaning == FaultMeaning.MessageRefused
                    ? new ArgumentException($"Service Bus queue '{queue}' refused a message: {last.Message}", nameof(messages), last)
                    : Unavailable(what, last.Message, last);
            }

            await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task RunAsync(string what, Func<CancellationToken, Task> call, CancellationToken cancellationToken, object? messages = null) =>
        RunAsync(what, Counting(call), cancellationToken, messages);

    /// <summary>
    /// Settles a trigger's message through the Functions host, whose faults are those of its own protocol, whatever they are. The host's
    /// client has its own retries and deadlines.
    /// </summary>
    public async Task SettleAsync(Func<Task> settle)
    {
        try
        {
            await settle().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ArgumentException or StoreUnavailableException))
        {
            throw Unavailable("settling", exception.Message, exception);
        }
    }

    // The token of a try ends with it: that ends also the client's pause after throttling, which would hold every other call of this sender.
    private static async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return await call(attempt.Token).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await attempt.CancelAsync().ConfigureAwait(false);
        }
    }

    private static TimeSpan? PauseAfter(FaultMeaning meaning, ref int losses) => meaning switch
    {
        FaultMeaning.TryAgainWhenCalm => PauseWhenBusy,
        FaultMeaning.TryAgain when losses++ == 0 => PauseAfterLoss,
        _ => null,
    };

    private StoreUnavailableException Unavailable(string what, string why, Exception exception) =>
        new($"Service Bus queue '{queue}': {what} failed: {why}", exception);

    private static Func<CancellationToken, Task<bool>> Counting(Func<CancellationToken, Task> call) => async token =>
    {
        await call(token).ConfigureAwait(false);
        return true;
    };
}
