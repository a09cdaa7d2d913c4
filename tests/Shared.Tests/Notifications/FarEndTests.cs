using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

/// <summary>A far end that is busy or broken is left alone by all notifications together.</summary>
public sealed class FarEndTests : IAsyncLifetime
{
    private DispatcherFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await DispatcherFixture.StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task A_short_retry_after_is_waited_for()
    {
        fixture.FarEnd.ReplyNext(WebhookReply.RetryAfter("3"));
        var began = fixture.Time.GetUtcNow();

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page()));

        Assert.Equal([began, began.AddSeconds(3)], fixture.FarEnd.Requests.Select(request => request.ArrivedAt));
    }

    [Theory]
    // In seconds.
    [InlineData("90")]
    // As a date.
    [InlineData("Mon, 05 Jan 2026 09:01:30 GMT")]
    public async Task A_long_retry_after_sends_the_message_back_for_as_long(string retryAfter)
    {
        fixture.FarEnd.Reply = WebhookReply.RetryAfter(retryAfter);

        var abandon = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Update()));

        Assert.Equal(TimeSpan.FromSeconds(90), abandon.Delay);
        Assert.Single(fixture.FarEnd.Requests);
    }

    [Fact]
    public async Task A_page_is_tried_again_after_a_minute_whatever_the_far_end_asks_for()
    {
        fixture.FarEnd.ReplyNext(WebhookReply.RetryAfter("3600"));
        var abandon = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page()));
        Assert.Equal(TimeSpan.FromMinutes(1), abandon.Delay);

        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        var update = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Update()));
        Assert.Equal(TimeSpan.FromMinutes(59), update.Delay);
        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page(), deliveryCount: 2));
    }

    [Fact]
    public async Task While_it_asked_to_be_left_alone_no_other_notification_tries()
    {
        fixture.FarEnd.ReplyNext(WebhookReply.RetryAfter("90"));
        await fixture.DeliverAsync(Samples.Update());
        fixture.Time.Advance(TimeSpan.FromSeconds(30));

        var early = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page()));
        fixture.Time.Advance(TimeSpan.FromSeconds(60));
        var late = await fixture.DeliverAsync(Samples.Page(), deliveryCount: 2);

        Assert.Equal(TimeSpan.FromSeconds(30), early.Delay);
        Assert.Equal("channel 'hook' asked to be left alone for another 30 s", early.Reason);
        Assert.IsType<Settlement.Complete>(late);
        Assert.Equal(2, fixture.FarEnd.Requests.Count);
    }

    [Fact]
    public async Task After_repeated_failures_nothing_is_tried_for_thirty_seconds()
    {
        await BreakAsync();

        var abandon = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page(3)));

        Assert.Equal(FarEnd.FailuresToOpen, fixture.FarEnd.Requests.Count);
        Assert.InRange(abandon.Delay, TimeSpan.FromSeconds(20), FarEnd.BreakDuration);
        Assert.Matches("^channel 'hook' failed repeatedly and is left alone for [0-9]+ s; the last failure: 127.0.0.1 answered 500$", abandon.Reason);
        Assert.False(abandon.IsCounted);
        Assert.Equal(0, (await fixture.RecordOf(Samples.Page(3)))!.Attempts);
        Assert.Contains(fixture.LogLines, line => line.StartsWith("Warning 306", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Then_one_attempt_finds_it_mended_and_the_others_wait_for_that_only_a_moment()
    {
        await BreakAsync();
        fixture.FarEnd.Reply = WebhookReply.Ok;
        fixture.Time.Advance(FarEnd.BreakDuration);

        bool IsMended() => fixture.LogLines.Any(line => line.StartsWith("Information 307", StringComparison.Ordinal));
        var settlements = await fixture.DeliverAsync(
            [.. Enumerable.Range(1, 4).Select(incident => fixture.Message(Samples.Page(incident), deliveryCount: 2))], mayMove: IsMended);

        Assert.All(settlements, settlement => Assert.IsType<Settlement.Complete>(settlement));
        Assert.Equal(4, fixture.FarEnd.Distinct.Count);
    }

    [Fact]
    public async Task Or_one_attempt_finds_it_broken_still()
    {
        await BreakAsync();
        fixture.Time.Advance(FarEnd.BreakDuration);

        var abandon = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page(1), deliveryCount: 2));

        Assert.Equal(FarEnd.FailuresToOpen + 1, fixture.FarEnd.Requests.Count);
        Assert.InRange(abandon.Delay, TimeSpan.FromSeconds(15), FarEnd.BreakDuration);
        Assert.True(abandon.IsCounted);
    }

    [Fact]
    public async Task R6_A_wall_clock_set_back_makes_no_wait_longer_that_a_far_end_asked_for()
    {
        fixture.FarEnd.ReplyNext(WebhookReply.RetryAfter("30"));
        Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page(1)));

        fixture.Time.SetWallClock(TimeSpan.FromHours(-1));
        fixture.Time.Advance(TimeSpan.FromSeconds(20));
        var early = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page(2)));
        fixture.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(10), early.Delay);
        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page(1), deliveryCount: 2));
    }

    [Fact]
    public async Task R6_A_wall_clock_set_back_keeps_no_far_end_broken()
    {
        await BreakAsync();
        fixture.FarEnd.Reply = WebhookReply.Ok;

        fixture.Time.SetWallClock(TimeSpan.FromHours(-1));
        fixture.Time.Advance(FarEnd.BreakDuration);

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page(3)));
    }

    [Fact]
    public async Task R6_A_date_to_wait_for_is_read_by_the_far_ends_own_clock()
    {
        // Both say half a minute, by a clock an hour ahead of ours.
        fixture.Time.SetWallClock(TimeSpan.FromHours(-1));
        fixture.FarEnd.ReplyNext(WebhookReply.RetryAfter("Mon, 05 Jan 2026 09:00:30 GMT").With("Date", "Mon, 05 Jan 2026 09:00:00 GMT"));

        var abandon = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Update()));

        Assert.Equal(TimeSpan.FromSeconds(30), abandon.Delay);
    }

    [Fact]
    public async Task A_refusal_is_an_answer_and_breaks_nothing()
    {
        fixture.FarEnd.Reply = WebhookReply.Status(400);
        for (var incident = 1; incident <= 2 * FarEnd.FailuresToOpen; incident++)
        {
            Assert.IsType<Settlement.GiveUp>(await fixture.DeliverAsync(Samples.Page(incident)));
        }

        Assert.Equal(2 * FarEnd.FailuresToOpen, fixture.FarEnd.Requests.Count);
    }

    private async Task BreakAsync()
    {
        fixture.FarEnd.Reply = WebhookReply.Status(500);
        await fixture.DeliverAsync(Samples.Page(1));
        await fixture.DeliverAsync(Samples.Page(2));
    }
}
