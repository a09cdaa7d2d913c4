using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Pipeline.Runtime;

namespace Pipeline.Notifications.Webhook;

/// <summary>Reads what a webhook's receiver answered.</summary>
public static class WebhookAnswer
{
    /// <summary>Of a failed answer's body; enough for a sentence, too little for a flood.</summary>
    public const int MaxExcerptBytes = 1024;

    /// <summary>
    /// 2xx is taken. 408, 425, 429 and 5xx may go better later. Everything else, redirects included, would be answered the same again.
    /// </summary>
    /// <param name="said">From the answer's body, for people.</param>
    public static DeliveryOutcome Decide(int status, TimeSpan? retryAfter, string host, string said)
    {
        var answered = string.Create(CultureInfo.InvariantCulture, $"{host} answered {status}");
        var withBody = said.Length == 0 ? answered : $"{answered}: {said}";
        return status switch
        {
            >= 200 and <= 299 => new DeliveryOutcome.Sent(answered),
            408 or 425 or 429 or >= 500 => new DeliveryOutcome.Retryable(withBody, retryAfter),
            >= 300 and <= 399 => new DeliveryOutcome.Permanent($"{answered}, a redirect, which is not followed; put the final address in the channel's url"),
            401 or 403 => new DeliveryOutcome.Permanent($"{withBody} (check the channel's url and secret)"),
            _ => new DeliveryOutcome.Permanent(withBody),
        };
    }

    /// <summary>Reads seconds or a date, as RFC 9110 has it; a date that has passed asks for no wait.</summary>
    /// <param name="now">By the clock of who answered, where the answer tells it: the date is that clock's.</param>
    public static TimeSpan? ReadRetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wait = header?.Delta ?? header?.Date - now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>What went wrong on the way, without the URL.</summary>
    internal static string Describe(HttpRequestException exception) =>
        exception.InnerException is SocketException socket
            ? socket.SocketErrorCode.ToString()
            : exception.HttpRequestError.ToString();

    /// <summary>Returns the beginning of the body as one line, without the secret or parts of the URL, which a receiver may echo.</summary>
    internal static async Task<string> ReadExcerptAsync(HttpContent content, WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        // Longer than what is kept, so that no secret is torn by the end and missed.
        var buffer = new byte[MaxExcerptBytes + endpoint.Secrets.LongestBytes];
        int length;
        try
        {
            using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status is known and decides; its explanation isn't worth another failure.
            return string.Empty;
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        var excerpt = Encoding.UTF8.GetCharCount(buffer, 0, Math.Min(length, MaxExcerptBytes));
        return MarkdownText.OneLine(endpoint.Secrets.Redact(text, keep: excerpt), MaxExcerptBytes);
    }
}
