using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Api;

/// <summary>Answers a post whose body couldn't be had.</summary>
internal static class BodyRefusal
{
    public static Task AnswerAsync(HttpContext context, BodyOutcome outcome, BodyLimits limits)
    {
        switch (outcome)
        {
            case BodyOutcome.TooLarge:
                return TooLargeAsync(context, limits.MaxBytes);
            case BodyOutcome.TooSlow:
                // What is left of it isn't worth waiting for.
                context.Response.Headers.Connection = "close";
                return Answer.UnavailableAsync(context, "Body too slow", string.Create(
                    CultureInfo.InvariantCulture, $"The body did not arrive within {limits.Timeout.TotalSeconds:0} s (intake.body_timeout). Nothing of it was accepted; send it again."));
            default:
                return Answer.UnavailableAsync(
                    context, "Overloaded", "The posts in hand take all the memory they may (intake.max_bytes_in_hand). Nothing of this one was accepted; send it again later.");
        }
    }

    /// <summary>
    /// Answers for a body that ended in a fault. Where the sender went away the answer reaches nobody and does no harm; where it is still there,
    /// as with a chunk of a size that no number holds, it must not take silence for success.
    /// </summary>
    public static Task AnswerUnreadAsync(HttpContext context, IOException exception)
    {
        context.Response.Headers.Connection = "close";
        return (exception as BadHttpRequestException)?.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => TooLargeAsync(context, Alerts.AlertLimits.MaxBodyBytes),

            // Not 408 as the server would have it: Alertmanager gives a notification up after a 4xx.
            StatusCodes.Status408RequestTimeout => Answer.UnavailableAsync(
                context, "Body too slow", "The body came too slowly. Nothing of it was accepted; send it again."),
            _ => Problem.WriteAsync(
                context, StatusCodes.Status400BadRequest, "Body could not be read", "The body ended early, or isn't framed as HTTP asks. Nothing of it was accepted."),
        };
    }

    private static Task TooLargeAsync(HttpContext context, int maxBytes) => Problem.WriteAsync(
        context,
        StatusCodes.Status413PayloadTooLarge,
        "Body too large",
        string.Create(CultureInfo.InvariantCulture, $"The body has more than {maxBytes} bytes; send the alerts in several posts."));
}
