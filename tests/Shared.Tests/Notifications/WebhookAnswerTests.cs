using System.Net.Http.Headers;
using System.Text;
using Pipeline.Notifications;
using Pipeline.Notifications.Webhook;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

public sealed class WebhookAnswerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    // Taken, whichever 2xx says so.
    [InlineData(200, typeof(DeliveryOutcome.Sent))]
    [InlineData(202, typeof(DeliveryOutcome.Sent))]
    [InlineData(204, typeof(DeliveryOutcome.Sent))]
    // A redirect is not followed, and would be given again.
    [InlineData(301, typeof(DeliveryOutcome.Permanent))]
    [InlineData(307, typeof(DeliveryOutcome.Permanent))]
    // What the request itself is refused for doesn't change by repeating.
    [InlineData(400, typeof(DeliveryOutcome.Permanent))]
    [InlineData(401, typeof(DeliveryOutcome.Permanent))]
    [InlineData(403, typeof(DeliveryOutcome.Permanent))]
    [InlineData(404, typeof(DeliveryOutcome.Permanent))]
    [InlineData(410, typeof(DeliveryOutcome.Permanent))]
    [InlineData(413, typeof(DeliveryOutcome.Permanent))]
    [InlineData(422, typeof(DeliveryOutcome.Permanent))]
    // Too slow, too early, too many: later is better.
    [InlineData(408, typeof(DeliveryOutcome.Retryable))]
    [InlineData(425, typeof(DeliveryOutcome.Retryable))]
    [InlineData(429, typeof(DeliveryOutcome.Retryable))]
    // The receiver's own trouble passes.
    [InlineData(500, typeof(DeliveryOutcome.Retryable))]
    [InlineData(502, typeof(DeliveryOutcome.Retryable))]
    [InlineData(503, typeof(DeliveryOutcome.Retryable))]
    [InlineData(504, typeof(DeliveryOutcome.Retryable))]
    public void A_status_has_an_outcome(int status, Type outcome) =>
        Assert.IsType(outcome, WebhookAnswer.Decide(status, null, "hooks.example.com", string.Empty));

    [Theory]
    // Seconds.
    [InlineData("120", 120.0)]
    // At once.
    [InlineData("0", 0.0)]
    // A date.
    [InlineData("Mon, 05 Jan 2026 09:00:30 GMT", 30.0)]
    // A date that has passed.
    [InlineData("Mon, 05 Jan 2026 08:00:00 GMT", 0.0)]
    // Not said.
    [InlineData(null, null)]
    public void Retry_after_is_read_in_both_forms(string? header, double? seconds)
    {
        var parsed = header is null ? null : RetryConditionHeaderValue.Parse(header);

        Assert.Equal(seconds, WebhookAnswer.ReadRetryAfter(parsed, Now)?.TotalSeconds);
    }

    /// <summary>The expected value was computed with <c>openssl dgst -sha256 -hmac</c>, and stands in docs/notifications.md.</summary>
    [Fact]
    public void The_signature_is_the_documented_one() =>
        Assert.Equal(
            "v1=9cdb4c223fcf334dec7263cefd5473f324610a763f4d0099f99f897c9e07a7a4",
            WebhookSignature.Compute("whsec_test", 1_767_603_600, Encoding.UTF8.GetBytes("""{"key":"page:INC-7"}""")));
}
