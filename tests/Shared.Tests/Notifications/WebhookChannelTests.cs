using Pipeline.Notifications;
using Pipeline.Notifications.Webhook;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

/// <summary>One attempt against a real server.</summary>
public sealed class WebhookChannelTests : IAsyncLifetime
{
    private const string Secret = "whsec_test";

    private readonly ManualTimeProvider time = new();
    private readonly HttpClient client = WebhookChannel.CreateClient();
    private LoopbackWebhook farEnd = null!;

    public async ValueTask InitializeAsync() =>
        farEnd = await LoopbackWebhook.StartAsync(Secret, time, cancellationToken: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await farEnd.DisposeAsync();
    }

    [Fact]
    public async Task The_receiver_gets_a_signed_json_request_with_an_idempotency_key()
    {
        var notification = Samples.Page() with { Address = "alice@example.com", Link = new Uri("http://localhost:7071/incidents/INC-7") };

        var outcome = await SendAsync(notification);

        Assert.Equal(new DeliveryOutcome.Sent("127.0.0.1 answered 200"), outcome);
        var request = Assert.Single(farEnd.Requests);
        Assert.True(request.SignatureIsValid);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        Assert.Equal(notification.Key, request.IdempotencyKey);
        Assert.Equal("1767603600", request.Headers["X-Pipeline-Timestamp"]);
        Assert.Equal(notification.Key, request.Field("key"));
        Assert.Equal("page", request.Field("purpose"));
        Assert.Equal("alice", request.Field("personId"));
        Assert.Equal("alice@example.com", request.Field("address"));
        Assert.Equal("INC-7", request.Field("incidentId"));
        Assert.Equal("SEV-1", request.Field("severity"));
        Assert.Equal(notification.Title, request.Field("title"));
        Assert.Equal(notification.Text, request.Field("text"));
        Assert.Equal("http://localhost:7071/incidents/INC-7", request.Field("link"));
    }

    [Fact]
    public async Task A_receiver_with_another_secret_refuses_it()
    {
        var outcome = await SendAsync(Samples.Page(), secret: "another");

        Assert.Contains("check the channel's url and secret", Assert.IsType<DeliveryOutcome.Permanent>(outcome).Reason, StringComparison.Ordinal);
        Assert.Empty(farEnd.Distinct);
    }

    [Fact]
    public async Task Without_a_secret_there_is_no_signature()
    {
        await using var open = await LoopbackWebhook.StartAsync(cancellationToken: TestContext.Current.CancellationToken);

        var outcome = await SendAsync(Samples.Page(), secret: null, url: open.Url);

        Assert.IsType<DeliveryOutcome.Sent>(outcome);
        Assert.DoesNotContain("X-Pipeline-Signature", Assert.Single(open.Requests).Headers.Keys);
    }

    [Fact]
    public async Task A_key_that_no_header_can_hold_is_sent_as_its_id()
    {
        var notification = Samples.Page() with { Key = "page:INC-7:1:level1.0:zoë\r\n:hook" };

        Assert.IsType<DeliveryOutcome.Sent>(await SendAsync(notification));
        Assert.Equal(NotificationKey.MessageIdOf(notification.Key), Assert.Single(farEnd.Requests).IdempotencyKey);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await LoopbackWebhook.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        farEnd.Reply = WebhookReply.Redirect(elsewhere.Url);

        Assert.IsType<DeliveryOutcome.Permanent>(await SendAsync(Samples.Page()));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Retry_after_comes_with_the_outcome()
    {
        farEnd.Reply = WebhookReply.RetryAfter("42", status: 503);

        var outcome = Assert.IsType<DeliveryOutcome.Retryable>(await SendAsync(Samples.Page()));

        Assert.Equal(TimeSpan.FromSeconds(42), outcome.RetryAfter);
    }

    [Fact]
    public async Task A_dropped_connection_can_be_retried()
    {
        farEnd.Reply = WebhookReply.Close;

        Assert.IsType<DeliveryOutcome.Retryable>(await SendAsync(Samples.Page()));
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_can_be_retried()
    {
        var gone = farEnd.Url;
        await farEnd.DisposeAsync();

        var outcome = Assert.IsType<DeliveryOutcome.Retryable>(await SendAsync(Samples.Page(), url: gone));

        Assert.Equal("127.0.0.1 can't be reached: ConnectionRefused", outcome.Reason);
    }

    [Fact]
    public async Task A_long_answer_is_read_only_at_its_beginning_and_as_one_line()
    {
        farEnd.Reply = WebhookReply.Status(400, "line one\nline two\u001b[31m " + new string('x', 1_000_000));

        var outcome = Assert.IsType<DeliveryOutcome.Permanent>(await SendAsync(Samples.Page()));

        Assert.StartsWith("127.0.0.1 answered 400: line one line two [31m xxx", outcome.Reason, StringComparison.Ordinal);
        Assert.InRange(outcome.Reason.Length, 100, WebhookAnswer.MaxExcerptBytes + 50);
    }

    private Task<DeliveryOutcome> SendAsync(Notification notification, string? secret = Secret, Uri? url = null) =>
        new WebhookChannel(client, new WebhookEndpoint(url ?? farEnd.Url, secret), time).SendAsync(notification, TestContext.Current.CancellationToken);
}
