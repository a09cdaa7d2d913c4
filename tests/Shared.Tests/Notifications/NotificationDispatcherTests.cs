using System.Text;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

/// <summary>What becomes of a message, against a real server.</summary>
public sealed class NotificationDispatcherTests : IAsyncLifetime
{
    private DispatcherFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await DispatcherFixture.StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task A_page_that_is_taken_is_done_logged_and_has_a_receipt()
    {
        var page = Samples.Page();

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(page));

        Assert.True(Assert.Single(fixture.FarEnd.Requests).SignatureIsValid);
        var record = Assert.Single(await fixture.Log.ListAsync("INC-7", TestContext.Current.CancellationToken));
        Assert.Equal((DeliveryStatus.Sent, 1, "127.0.0.1 answered 200"), (record.Status, record.Attempts, record.Reason));
        var receipt = Assert.Single(fixture.Receipts);
        Assert.Equal(new DeliveryReceipt(page, DeliveryStatus.Sent, "127.0.0.1 answered 200", 1, fixture.Time.GetUtcNow()), receipt);
        Assert.Equal($"{page.Key}:sent", receipt.Key);
    }

    [Fact]
    public async Task FirstUse_A_page_is_on_record_while_it_is_under_way_and_its_incident_is_looked_at_after_that()
    {
        var page = Samples.Page();
        List<int?> attemptsOnRecord = [];
        fixture.Gate = _ =>
        {
            attemptsOnRecord.Add(fixture.Log.FindAsync(page, CancellationToken.None).GetAwaiter().GetResult()?.Attempts);
            return new PageDecision.Send();
        };

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(page));

        Assert.Equal([null, 1], attemptsOnRecord);
        Assert.Equal((DeliveryStatus.Sent, 1), ((await fixture.RecordOf(page))!.Status, (await fixture.RecordOf(page))!.Attempts));
        Assert.Single(fixture.Receipts);
    }

    [Fact]
    public async Task FirstUse_A_page_whose_incident_is_resolved_as_it_goes_on_record_disturbs_nobody()
    {
        var page = Samples.Page();
        var asked = 0;
        fixture.Gate = _ => asked++ == 0 ? new PageDecision.Send() : new PageDecision.Withhold("resolved");

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(page));

        Assert.Empty(fixture.FarEnd.Requests);
        var record = await fixture.RecordOf(page);
        Assert.Equal((DeliveryStatus.Withheld, 0), (record!.Status, record.Attempts));
    }

    [Fact]
    public async Task A_passing_failure_is_retried_at_once_with_the_same_key()
    {
        fixture.FarEnd.ReplyNext(WebhookReply.Status(500), WebhookReply.Close);

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page()));

        Assert.Equal(3, fixture.FarEnd.Requests.Count);
        Assert.Single(fixture.FarEnd.Requests.DistinctBy(request => request.IdempotencyKey));
        Assert.Single(fixture.FarEnd.Distinct);
        Assert.Equal(3, (await fixture.RecordOf(Samples.Page()))!.Attempts);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 15)]
    // A page waits no longer than a minute.
    [InlineData(6, 60)]
    public async Task A_lasting_failure_goes_behind_the_others_for_a_growing_while(int deliveryCount, int delaySeconds)
    {
        fixture.FarEnd.Reply = WebhookReply.Status(500, "out of disk");

        var abandon = Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page(), deliveryCount));

        Assert.Equal(TimeSpan.FromSeconds(delaySeconds), abandon.Delay);
        Assert.Equal("127.0.0.1 answered 500: out of disk", abandon.Reason);
        Assert.Equal(FarEnd.AttemptsPerDelivery, fixture.FarEnd.Requests.Count);
        Assert.Equal(DeliveryStatus.Retrying, Assert.Single(fixture.Receipts).Status);
    }

    [Fact]
    public async Task After_the_last_delivery_it_is_given_up_and_says_so()
    {
        fixture.FarEnd.Reply = WebhookReply.Status(500);
        fixture.Time.Advance(TimeSpan.FromMinutes(24));

        Assert.IsType<Settlement.GiveUp>(await fixture.DeliverAsync(Samples.Page(), QueueLimits.MaxDeliveries));

        Assert.Equal(DeliveryStatus.Failed, (await fixture.RecordOf(Samples.Page()))!.Status);
        Assert.Equal(DeliveryStatus.Failed, Assert.Single(fixture.Receipts).Status);
        Assert.Contains(fixture.LogLines, line => line.StartsWith("Error 303", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_is_given_up_at_once_and_can_be_sent_when_it_is_retried()
    {
        fixture.FarEnd.ReplyNext(WebhookReply.Status(400, "unknown person"));

        var givenUp = Assert.IsType<Settlement.GiveUp>(await fixture.DeliverAsync(Samples.Page()));
        var retried = await fixture.DeliverAsync(Samples.Page());

        Assert.Equal("127.0.0.1 answered 400: unknown person", givenUp.Reason);
        Assert.IsType<Settlement.Complete>(retried);
        Assert.Equal([DeliveryStatus.Failed, DeliveryStatus.Sent], fixture.Receipts.Select(receipt => receipt.Status));
        Assert.Equal(2, (await fixture.RecordOf(Samples.Page()))!.Attempts);
    }

    [Fact]
    public async Task A_far_end_that_hangs_is_given_its_time_limit_and_no_more()
    {
        fixture.FarEnd.Reply = WebhookReply.Hang;
        var began = fixture.Time.GetUtcNow();

        var settlement = Assert.Single(await fixture.DeliverAsync([fixture.Message(Samples.Page())], skipWaitsUpTo: ChannelRegistry.DefaultTimeout));

        Assert.Equal("channel 'hook' gave no answer within 10 s", Assert.IsType<Settlement.Abandon>(settlement).Reason);
        Assert.InRange(fixture.Time.GetUtcNow() - began, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40));
        Assert.Equal(3, (await fixture.RecordOf(Samples.Page()))!.Attempts);
    }

    [Fact]
    public async Task A_message_delivered_again_is_not_sent_again()
    {
        await fixture.DeliverAsync(Samples.Page());
        fixture.Restart();

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page(), deliveryCount: 2));

        Assert.Single(fixture.FarEnd.Requests);
        Assert.Single(fixture.Receipts.Distinct());
    }

    [Fact]
    public async Task What_was_sent_while_the_log_could_not_be_written_is_only_recorded_later()
    {
        fixture.Table.FailWrites = 1;

        Assert.False(Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page())).IsCounted);
        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page(), deliveryCount: 2));

        Assert.Single(fixture.FarEnd.Requests);
        Assert.Equal(DeliveryStatus.Sent, (await fixture.RecordOf(Samples.Page()))!.Status);
        Assert.Equal(DeliveryStatus.Sent, Assert.Single(fixture.Receipts).Status);
    }

    [Fact]
    public async Task A_receipt_that_could_not_be_kept_is_made_up_for()
    {
        fixture.FailReceipts = 1;

        Assert.IsType<Settlement.Abandon>(await fixture.DeliverAsync(Samples.Page()));
        fixture.Restart();
        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page(), deliveryCount: 2));

        Assert.Single(fixture.FarEnd.Requests);
        Assert.Single(fixture.Receipts);
    }

    [Fact]
    public async Task Pages_of_a_batch_go_before_its_updates()
    {
        ReceivedMessage[] batch =
        [
            fixture.Message(Samples.Update(1)),
            fixture.Message(Samples.Update(2)),
            fixture.Message(Samples.Page(3)),
            fixture.Message(Samples.Page(4, Severity.Sev2)),
        ];

        var settlements = await fixture.DeliverAsync(batch);

        Assert.Equal(batch.Select(message => message.Sequence), settlements.Select(settlement => settlement.Sequence));
        Assert.Equal(
            ["page", "page", "stakeholderUpdate", "stakeholderUpdate"],
            fixture.FarEnd.Requests.Select(request => request.Field("purpose")));
    }

    [Fact]
    public async Task One_notification_in_trouble_does_not_hold_up_the_others()
    {
        fixture.Gate = page => page.IncidentId == "INC-1" ? throw new InvalidOperationException("the gate broke") : new PageDecision.Send();
        var unreadable = fixture.Message(Samples.Page(2)) with { Body = "{"u8.ToArray() };
        var unknownChannel = fixture.Message(Samples.Page(3, channel: "pager"));

        var settlements = await fixture.DeliverAsync([fixture.Message(Samples.Page(1)), unreadable, unknownChannel, fixture.Message(Samples.Page(4))]);

        Assert.Equal(
            "whether to send it could not be decided: InvalidOperationException: the gate broke",
            Assert.IsType<Settlement.Abandon>(settlements[0]).Reason);
        Assert.StartsWith("not a readable notification", Assert.IsType<Settlement.GiveUp>(settlements[1]).Reason, StringComparison.Ordinal);
        Assert.StartsWith(
            "there is no channel 'pager' in the configuration (there are: console, hook)",
            Assert.IsType<Settlement.GiveUp>(settlements[2]).Reason,
            StringComparison.Ordinal);
        Assert.IsType<Settlement.Complete>(settlements[3]);
        Assert.Equal("INC-4", Assert.Single(fixture.FarEnd.Requests).Field("incidentId"));
    }

    [Fact]
    public async Task A_host_that_stops_finishes_the_attempt_under_way_and_records_it()
    {
        using var stopping = new CancellationTokenSource();
        fixture.Gate = _ =>
        {
            stopping.Cancel();
            return new PageDecision.Send();
        };

        ReceivedMessage[] batch = [fixture.Message(Samples.Page()), fixture.Message(Samples.Update())];
        var settlements = await fixture.Dispatcher.HandleAsync("hook", batch, stopping.Token);

        Assert.IsType<Settlement.Complete>(settlements[0]);
        Assert.Equal(new Settlement.Abandon(batch[1].Sequence, "the host is stopping", IsCounted: false), settlements[1]);
        Assert.Single(fixture.FarEnd.Requests);
        Assert.Equal(DeliveryStatus.Sent, (await fixture.RecordOf(Samples.Page()))!.Status);
    }

    [Fact]
    public async Task Neither_the_secret_nor_the_url_is_ever_written_down()
    {
        await using var withToken = await DispatcherFixture.StartAsync("/services/T0001/xoxb-very-secret?key=also-secret");
        withToken.FarEnd.Reply = WebhookReply.Status(
            500, $"cannot POST /services/T0001/xoxb-very-secret?key=also-secret with {DispatcherFixture.Secret}");
        var refused = await withToken.DeliverAsync(Samples.Page());
        await withToken.FarEnd.DisposeAsync();
        var unreachable = await withToken.DeliverAsync(Samples.Page(), deliveryCount: 2);

        var written = new StringBuilder()
            .Append(refused).Append(unreachable)
            .AppendJoin('\n', withToken.LogLines)
            .AppendJoin('\n', withToken.Receipts)
            .Append(await withToken.RecordOf(Samples.Page()))
            .ToString();
        Assert.Contains("127.0.0.1 answered 500: cannot POST /[redacted] with [redacted]", written, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1 can't be reached", written, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", written, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(DispatcherFixture.Secret, written, StringComparison.Ordinal);
    }
}
