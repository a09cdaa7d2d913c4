using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Xunit;

namespace Pipeline.Shared.Tests.Postmortems;

public sealed class PostmortemOwnerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // Who led it completes it.
    [InlineData("alice", "carol", "bob", "alice")]
    // Nobody did: the service's owner.
    [InlineData(null, "carol", "bob", "carol")]
    // The service names none: the owner of postmortems.
    [InlineData(null, null, "alice", "alice")]
    // Nobody is named at all: the first level.
    [InlineData(null, null, null, "bob")]
    public async Task FirstUse_Who_completes_a_postmortem(string? commander, string? serviceOwner, string? postmortemOwner, string expected)
    {
        using var desk = new IncidentDesk(Configuration(serviceOwner, postmortemOwner));
        await desk.OpenAsync(Severity.Sev1);
        if (commander is not null)
        {
            await desk.AcknowledgeAsync(commander);
        }

        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromHours(25));

        Assert.Equal(expected, Assert.Single(await desk.SentAsync(NotificationPurpose.PostmortemReminder)).PersonId);
    }

    [Fact]
    public async Task FirstUse_The_document_names_people_by_name_and_the_services_owner_and_runbook()
    {
        using var desk = new IncidentDesk(Configuration("carol", null));
        await desk.OpenAsync(Severity.Sev1);
        await desk.AcknowledgeAsync("alice");
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromHours(25));

        var document = (await desk.Documents.GetAsync(desk.Id, Token))!.Markdown;

        Assert.Contains("- **Incident commander:** Alice Chen\n- **To be completed by:** Alice Chen\n", document, StringComparison.Ordinal);
        Assert.Contains("- **Service owner:** Carol Weiss\n- **Runbook:** <https://runbooks.example.org/checkout>\n", document, StringComparison.Ordinal);
        Assert.Contains("| Acknowledged by Alice Chen. | Alice Chen |", document, StringComparison.Ordinal);
    }

    private static PipelineConfiguration Configuration(string? serviceOwner, string? postmortemOwner) => IncidentDesk.DefaultConfiguration with
    {
        Services = new Dictionary<string, ServiceConfiguration>(StringComparer.Ordinal)
        {
            ["checkout"] = new("checkout") { Owner = serviceOwner, Runbook = "https://runbooks.example.org/checkout" },
        },
        Postmortem = IncidentDesk.DefaultConfiguration.Postmortem with { Owner = postmortemOwner },
    };
}
