using Pipeline.Notifications;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

/// <summary>An acknowledgement stops pages, also those already on their way.</summary>
public sealed class PageGateTests : IAsyncLifetime
{
    private DispatcherFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await DispatcherFixture.StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task A_page_that_is_not_wanted_never_reaches_the_far_end_and_its_receipt_says_why()
    {
        fixture.Gate = _ => new PageDecision.Withhold("acknowledged by alice at 09:04");

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page()));

        Assert.Empty(fixture.FarEnd.Requests);
        var receipt = Assert.Single(fixture.Receipts);
        Assert.Equal((DeliveryStatus.Withheld, "acknowledged by alice at 09:04", 0), (receipt.Status, receipt.Reason, receipt.Attempts));
    }

    [Fact]
    public async Task A_page_acknowledged_between_two_attempts_is_not_tried_again()
    {
        fixture.FarEnd.Reply = WebhookReply.Status(500);
        fixture.Gate = _ => fixture.FarEnd.Requests.Count == 0 ? new PageDecision.Send() : new PageDecision.Withhold("acknowledged");

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page()));

        Assert.Single(fixture.FarEnd.Requests);
        var record = (await fixture.RecordOf(Samples.Page()))!;
        Assert.Equal((DeliveryStatus.Withheld, 1), (record.Status, record.Attempts));
    }

    [Fact]
    public async Task A_withheld_page_stays_withheld()
    {
        fixture.Gate = _ => new PageDecision.Withhold("acknowledged");
        await fixture.DeliverAsync(Samples.Page());
        fixture.Gate = _ => new PageDecision.Send();

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page(), deliveryCount: 2));

        Assert.Empty(fixture.FarEnd.Requests);
    }

    [Fact]
    public async Task A_page_is_withheld_also_while_the_far_end_is_left_alone()
    {
        fixture.FarEnd.Reply = WebhookReply.RetryAfter("60");
        await fixture.DeliverAsync(Samples.Update());
        fixture.Gate = _ => new PageDecision.Withhold("resolved");

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Page()));
    }

    [Fact]
    public async Task Only_pages_are_asked_about()
    {
        fixture.Gate = _ => new PageDecision.Withhold("acknowledged");

        Assert.IsType<Settlement.Complete>(await fixture.DeliverAsync(Samples.Update()));

        Assert.Single(fixture.FarEnd.Requests);
    }
}
