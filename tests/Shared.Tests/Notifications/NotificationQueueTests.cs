using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

/// <summary>From the sender through the queue and its pump to the far end.</summary>
public sealed class NotificationQueueTests : IAsyncLifetime
{
    private DispatcherFixture fixture = null!;
    private InMemoryMessageQueue queue = null!;

    public async ValueTask InitializeAsync()
    {
        fixture = await DispatcherFixture.StartAsync();
        queue = new InMemoryMessageQueue("notifications", fixture.Time);
    }

    public async ValueTask DisposeAsync()
    {
        queue.Dispose();
        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_notification_sent_twice_arrives_once()
    {
        await SendAsync(Samples.Page());
        await SendAsync(Samples.Page());
        await PumpAsync();

        Assert.Single(fixture.FarEnd.Requests);
    }

    [Fact]
    public async Task The_same_step_repeated_after_the_queue_forgot_it_arrives_once()
    {
        await SendAsync(Samples.Page());
        await PumpAsync();
        fixture.Time.Advance(QueueLimits.DuplicateWindow + TimeSpan.FromMinutes(1));
        await SendAsync(Samples.Page());
        await PumpAsync();

        Assert.Single(fixture.FarEnd.Requests);
    }

    [Fact]
    public async Task A_page_does_not_wait_behind_a_storm_of_updates()
    {
        await SendAsync([.. Enumerable.Range(1, 500).Select(incident => Samples.Update(incident))]);
        await SendAsync(Samples.Page(501));

        // Two receivers' worth: whatever the first takes, the second may take the page.
        await using var first = await queue.TryReceiveAsync(100, TestContext.Current.CancellationToken);
        await using var second = await queue.TryReceiveAsync(100, TestContext.Current.CancellationToken);

        Assert.Equal(["hook", "hook:page"], [first!.SessionId, second!.SessionId]);
        Assert.Equal(NotificationKey.MessageIdOf(Samples.Page(501).Key), Assert.Single(second.Messages).MessageId);
    }

    [Fact]
    public async Task What_could_not_be_delivered_is_seen_and_can_be_sent_on_its_way_again()
    {
        var deadLetters = new NotificationDeadLetters(queue);
        fixture.FarEnd.ReplyNext(WebhookReply.Status(404, "no such hook"));
        await SendAsync(Samples.Page());
        await PumpAsync();

        var letter = Assert.Single(await deadLetters.ListAsync(10, 0, TestContext.Current.CancellationToken));
        Assert.Equal(Samples.Page(), letter.Notification);
        Assert.Equal("127.0.0.1 answered 404: no such hook", letter.Reason);
        Assert.Equal(fixture.Time.GetUtcNow(), letter.At);

        Assert.True(await deadLetters.RetryAsync(letter.Sequence, TestContext.Current.CancellationToken));
        await PumpAsync();

        Assert.Single(fixture.FarEnd.Distinct);
        Assert.Empty(await deadLetters.ListAsync(10, 0, TestContext.Current.CancellationToken));
        Assert.False(await deadLetters.RetryAsync(letter.Sequence, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_message_that_is_no_notification_is_seen_among_the_dead_letters()
    {
        await queue.SendAsync([new QueueMessage("hook", "odd", "[]"u8.ToArray())], TestContext.Current.CancellationToken);
        await PumpAsync();

        var letter = Assert.Single(await new NotificationDeadLetters(queue).ListAsync(10, 0, TestContext.Current.CancellationToken));

        Assert.Null(letter.Notification);
        Assert.Equal("odd", letter.MessageId);
        Assert.StartsWith("not a readable notification", letter.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_of_any_length_is_cut_to_what_a_queue_message_holds()
    {
        await SendAsync(Samples.Page() with { Title = new string('t', 10_000), Text = string.Concat(Enumerable.Repeat("😀", 100_000)) });
        await PumpAsync();

        var request = Assert.Single(fixture.FarEnd.Requests);
        Assert.Equal(NotificationLimits.MaxTitleCharacters, request.Field("title")!.Length);
        var text = request.Field("text")!;
        Assert.InRange(text.Length, NotificationLimits.MaxTextCharacters - 1, NotificationLimits.MaxTextCharacters);
        Assert.EndsWith("😀…", text, StringComparison.Ordinal);
    }

    private Task SendAsync(params Notification[] notifications) =>
        new NotificationSender(queue).SendAsync(notifications, TestContext.Current.CancellationToken);

    private Task PumpAsync() =>
        new QueuePump(queue, fixture.Dispatcher, NullLogger<QueuePump>.Instance, timeProvider: fixture.Time).DrainAsync(TestContext.Current.CancellationToken);
}
