using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Pipeline.Functions.Tables;

/// <summary>
/// Tries a read again after a failure that passes, a write only where the service surely did not apply it: it said that it is too busy, or no
/// connection came about. A write tried twice could find its own first try and report a conflict that never was; instead the caller
/// learns that the store is unavailable and does the whole step again.
/// </summary>
internal sealed class WriteSafeRetryPolicy() : RetryPolicy(
    MaxRetries, DelayStrategy.CreateExponentialDelayStrategy(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2)))
{
    /// <summary>Tries after the first: with the delays above some two seconds.</summary>
    private const int MaxRetries = 3;

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        base.ShouldRetry(message, exception) && IsHarmless(message, exception);

    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        await base.ShouldRetryAsync(message, exception).ConfigureAwait(false) && IsHarmless(message, exception);

    private static bool IsHarmless(HttpMessage message, Exception? exception)
    {
        if (message.Request.Method == RequestMethod.Get)
        {
            // One timeout is all that whoever waits for the answer has patience for.
            return exception is not OperationCanceledException;
        }

        return exception is null
            ? message.Response.Status is 429 or 503
            : exception is RequestFailedException { InnerException: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } };
    }
}
