using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

public sealed class DispatchOrderTests
{
    [Fact]
    public void Pages_go_before_everything_else_and_the_worst_severity_first()
    {
        var arranged = Arrange(Samples.Update(1), Samples.Page(2, Severity.Sev3), Samples.Update(3), Samples.Page(4, Severity.Sev1));

        Assert.Equal(["page:INC-4", "page:INC-2"], arranged[0].Select(lane => Shortened(Assert.Single(lane))));
        Assert.Equal(["stakeholderUpdate:INC-1", "stakeholderUpdate:INC-3"], arranged[1].Select(lane => Shortened(Assert.Single(lane))));
    }

    [Fact]
    public void Updates_of_one_incident_keep_their_order()
    {
        var arranged = Arrange(Samples.Update(1, 1), Samples.Update(2, 1), Samples.Update(1, 2), Samples.Update(1, 3));

        var lane = Assert.Single(arranged[1], lane => lane[0].Notification.IncidentId == "INC-1");
        Assert.Equal(["Update 1", "Update 2", "Update 3"], lane.Select(queued => queued.Notification.Title));
    }

    private static IReadOnlyList<IReadOnlyList<IReadOnlyList<QueuedNotification>>> Arrange(params Notification[] notifications) =>
        DispatchOrder.Arrange([.. notifications.Select((notification, index) => new QueuedNotification(
            new ReceivedMessage(index, "hook", notification.Key, default, 1, notification.CreatedAt), notification))]);

    private static string Shortened(QueuedNotification queued) => string.Join(':', queued.Notification.Key.Split(':').Take(2));
}
