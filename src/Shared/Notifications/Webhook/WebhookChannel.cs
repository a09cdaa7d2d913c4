using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Notifications.Webhook;

/// <param name="Url">May carry a secret in its path or query, so only its host is ever written down.</param>
/// <param name="Secret">The HMAC key; null sends unsigned.</param>
internal sealed record WebhookEndpoint(Uri Url, string? Secret)
{
    public WebhookSecrets Secrets { get; } = new(Url, Secret);

    public override string ToString() => Url.Host;
}

/// <summary>What a receiver gets; described in <c>docs/notifications.md</c>. Fields are added, never changed.</summary>
/// <param name="Key">The same as the header <c>Idempotency-Key</c>.</param>
internal sealed record WebhookBody(
    string Key,
    NotificationPurpose Purpose,
    string Channel,
    string? Address,
    string? PersonId,
    string? PersonName,
    string? IncidentId,
    Severity? Severity,
    string Title,
    string Text,
    Uri? Link,
    DateTimeOffset CreatedAt);

/// <summary>Posts a notification as signed JSON.</summary>
internal sealed class WebhookChannel(HttpClient httpClient, WebhookEndpoint endpoint, TimeProvider timeProvider) : INotificationChannel
{
    /// <summary>The time limit is the dispatcher's; redirects would carry signed content where the configuration doesn't point.</summary>
    /// <param name="trust">Decides which certificates are taken; null is the system's way.</param>
    public static HttpClient CreateClient(RemoteCertificateValidationCallback? trust = null) => new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            SslOptions = { RemoteCertificateValidationCallback = trust },
        },
        disposeHandler: true)
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<DeliveryOutcome> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        using var request = CreateRequest(notification);
        try
        {
            using var response = await httpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            var said = response.IsSuccessStatusCode
                ? string.Empty
                : await WebhookAnswer.ReadExcerptAsync(response.Content, endpoint, cancellationToken).ConfigureAwait(false);
            return WebhookAnswer.Decide(
                (int)response.StatusCode,
                WebhookAnswer.ReadRetryAfter(response.Headers.RetryAfter, response.Headers.Date ?? timeProvider.GetUtcNow()),
                endpoint.Url.Host,
                said);
        }
        catch (HttpRequestException exception)
        {
            return new DeliveryOutcome.Retryable($"{endpoint.Url.Host} can't be reached: {WebhookAnswer.Describe(exception)}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DeliveryOutcome.Retryable($"{endpoint.Url.Host} can't be reached: the connection was not made in time");
        }
    }

    private HttpRequestMessage CreateRequest(Notification notification)
    {
        var key = NotificationKey.MessageIdOf(notification.Key);
        var body = PipelineJson.ToUtf8(new WebhookBody(
            key,
            notification.Purpose,
            notification.Channel,
            notification.Address,
            notification.PersonId,
            notification.PersonName,
            notification.IncidentId,
            notification.Severity,
            notification.Title,
            notification.Text,
            notification.Link,
            notification.CreatedAt));
        var timestamp = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("pipeline-webhook", "1"));
        request.Headers.Add("Idempotency-Key", key);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        if (endpoint.Secret is { } secret)
        {
            request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Compute(secret, timestamp, body));
        }

        return request;
    }
}
