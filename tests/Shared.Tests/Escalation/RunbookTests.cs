using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Xunit;

namespace Pipeline.Shared.Tests.Escalation;

public sealed class RunbookTests
{
    [Fact]
    public async Task FirstUse_A_page_carries_the_services_runbook()
    {
        using var desk = new IncidentDesk(
            IncidentDesk.DefaultConfiguration with
            {
                Services = new Dictionary<string, ServiceConfiguration>(StringComparer.Ordinal)
                {
                    ["checkout"] = new("checkout") { Runbook = "https://runbooks.example.org/checkout" },
                },
            },
            escalates: true);

        await desk.OpenAsync(Severity.Sev1);

        var page = Assert.Single(await desk.SentAsync(NotificationPurpose.Page));
        Assert.EndsWith("\nRunbook: https://runbooks.example.org/checkout", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FirstUse_A_page_for_a_service_without_one_says_nothing_of_it()
    {
        using var desk = new IncidentDesk(escalates: true);

        await desk.OpenAsync(Severity.Sev1);

        Assert.DoesNotContain("Runbook", Assert.Single(await desk.SentAsync(NotificationPurpose.Page)).Text, StringComparison.Ordinal);
    }
}
