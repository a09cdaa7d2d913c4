using Pipeline.Escalation;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Shared.Tests.Notifications;
using Xunit;

namespace Pipeline.Shared.Tests.Escalation;

public sealed class PageReceiptsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // Every state of a page is told.
    [InlineData(true, DeliveryStatus.Sent, TimelineKind.PageSent, "Page to alice by hook delivered: so it is")]
    [InlineData(true, DeliveryStatus.Withheld, TimelineKind.PageWithheld, "Page to alice by hook not sent: so it is")]
    [InlineData(true, DeliveryStatus.Retrying, TimelineKind.PageFailed, "Page to alice by hook failed, trying again: so it is")]
    [InlineData(true, DeliveryStatus.Failed, TimelineKind.PageFailed, "Page to alice by hook given up: so it is")]
    // Of the rest only what was given up; its sending is told by what sent it.
    [InlineData(false, DeliveryStatus.Failed, TimelineKind.PageFailed, "StakeholderUpdate to the room by hook given up: so it is")]
    [InlineData(false, DeliveryStatus.Sent, null, null)]
    [InlineData(false, DeliveryStatus.Withheld, null, null)]
    [InlineData(false, DeliveryStatus.Retrying, null, null)]
    public void The_timeline_s_line(bool isPage, DeliveryStatus status, TimelineKind? kind, string? text)
    {
        var line = PageReceipts.Line(new DeliveryReceipt(isPage ? Samples.Page() : Samples.Update(), status, "so it is", 1, Now), PeopleNames.None);
        Assert.Equal((kind, text), (line?.Kind, line?.Text));
    }

    [Fact]
    public async Task A_receipt_stands_on_the_timeline_once_however_often_it_is_told()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev1);
        await desk.ChangeAsync(change =>
        {
            change.Head = change.Head with { Failures = ["a failure", "another"] };
            return CommandRefusal.None;
        });
        var page = (await desk.SentAsync(NotificationPurpose.Page))[0];
        var receipts = new PageReceipts(desk.Store);
        await receipts.RecordAsync(new DeliveryReceipt(page, DeliveryStatus.Retrying, "HTTP 500", 1, Now), Token);
        Assert.Null(await desk.Store.LastPageAsync("a failure", incident: null, Token));
        await receipts.RecordAsync(new DeliveryReceipt(page, DeliveryStatus.Sent, "HTTP 200", 2, Now), Token);
        await receipts.RecordAsync(new DeliveryReceipt(page, DeliveryStatus.Sent, "HTTP 200", 2, Now), Token);
        Assert.Equal(
            ["09:00 Page to Bob Ito by hook failed, trying again: HTTP 500", "09:00 Page to Bob Ito by hook delivered: HTTP 200"],
            await desk.LinesAsync(TimelineKind.PageFailed, TimelineKind.PageSent));

        // The cooldown counts from a page that somebody got.
        Assert.Equal(new LastPage(Now, Severity.Sev1, IsBeside: true), await desk.Store.LastPageAsync("another", incident: null, Token));
    }

    [Fact]
    public async Task A_page_passes_while_nobody_has_answered()
    {
        using var desk = new IncidentDesk(escalates: true);
        await desk.OpenAsync(Severity.Sev2);
        var page = (await desk.SentAsync(NotificationPurpose.Page))[0];
        var gate = new PageReceipts(desk.Store);
        Assert.IsType<PageDecision.Send>(await gate.DecideAsync(page, Token));

        await desk.AcknowledgeAsync("alice");
        Assert.Equal(new PageDecision.Withhold("acknowledged by Alice Chen"), await gate.DecideAsync(page, Token));

        await desk.SetSeverityAsync(Severity.Sev1);
        Assert.Equal(new PageDecision.Withhold("a newer escalation took over"), await gate.DecideAsync(page, Token));
        Assert.IsType<PageDecision.Send>(await gate.DecideAsync(page with { EscalationRound = 2 }, Token));

        await desk.ResolveAsync();
        Assert.Equal(new PageDecision.Withhold("INC-1 is resolved"), await gate.DecideAsync(page, Token));
    }

    [Fact]
    public async Task F2_A_page_withheld_in_a_later_round_names_who_acknowledged_that_round()
    {
        using var desk = new IncidentDesk(escalates: true);
        var gate = new PageReceipts(desk.Store);
        await desk.OpenAsync(Severity.Sev2);
        await desk.AcknowledgeAsync("alice");
        await desk.ResolveAsync();
        await desk.ReopenAsync();
        var page = (await desk.SentAsync(NotificationPurpose.Page))[^1];
        await desk.AcknowledgeAsync("bob");
        Assert.Equal(new PageDecision.Withhold("acknowledged by Bob Ito"), await gate.DecideAsync(page, Token));

        // A rise begins another escalation in the same round.
        await desk.SetSeverityAsync(Severity.Sev1);
        page = (await desk.SentAsync(NotificationPurpose.Page))[^1];
        await desk.AcknowledgeAsync("carol");
        Assert.Equal(new PageDecision.Withhold("acknowledged by Carol Weiss"), await gate.DecideAsync(page, Token));
    }

    [Fact]
    public async Task A_page_of_no_known_incident_is_sent()
    {
        using var desk = new IncidentDesk();
        Assert.IsType<PageDecision.Send>(await new PageReceipts(desk.Store).DecideAsync(Samples.Page(), Token));
    }
}
