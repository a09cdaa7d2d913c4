using System.Net;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

/// <summary>How the API calls people, and what it tells of a service.</summary>
public sealed class NamesAndServicesTests
{
    private static readonly PipelineConfiguration WithService = IncidentDesk.DefaultConfiguration with
    {
        Services = new Dictionary<string, ServiceConfiguration>(StringComparer.Ordinal)
        {
            ["checkout"] = new("checkout") { Owner = "carol", Runbook = "https://runbooks.example.org/checkout" },
        },
    };

    [Theory]
    [InlineData("alice")]
    [InlineData("Alice Chen")]
    [InlineData("ALICE")]
    public async Task FirstUse_However_a_command_calls_its_author_the_record_is_the_same(string by)
    {
        await using var api = await IncidentApi.StartAsync();
        await api.Desk.OpenAsync(Severity.Sev2);

        var (status, incident) = await api.PostAsync("api/incidents/INC-1/acknowledge", new { by });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("alice", "alice"), (incident.GetProperty("commander").GetString(), incident.GetProperty("acknowledgedBy").GetString()));
        Assert.Equal(
            ["09:00 Acknowledged by Alice Chen.", "09:00 Alice Chen is incident commander."],
            await api.Desk.LinesAsync(TimelineKind.Acknowledged, TimelineKind.CommanderNamed));
        Assert.All(
            (await api.Desk.TimelineAsync()).Where(entry => entry.Kind is TimelineKind.Acknowledged or TimelineKind.CommanderNamed),
            entry => Assert.Equal("alice", entry.By));

        var (conflict, problem) = await api.PostAsync("api/incidents/INC-1/acknowledge", new { by = "bob" });
        Assert.Equal(HttpStatusCode.Conflict, conflict);
        Assert.Equal("INC-1 was acknowledged by Alice Chen already.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task FirstUse_A_severity_set_without_a_reason_names_the_person()
    {
        await using var api = await IncidentApi.StartAsync();
        await api.Desk.OpenAsync(Severity.Sev2);

        await api.PostAsync("api/incidents/INC-1/severity", new { by = "bob", severity = "SEV-1" });

        Assert.Equal(["09:00 SEV-2 → SEV-1: set by Bob Ito"], await api.Desk.LinesAsync(TimelineKind.SeverityChanged));
    }

    [Fact]
    public async Task FirstUse_An_incident_shows_its_services_owner_and_runbook()
    {
        await using var api = await IncidentApi.StartAsync(configuration: WithService);
        await api.Desk.OpenAsync(Severity.Sev2);

        var (_, incident) = await api.GetAsync("api/incidents/INC-1");
        var (_, list) = await api.GetAsync("api/incidents");

        foreach (var shown in list.GetProperty("items").EnumerateArray().Append(incident))
        {
            Assert.Equal("carol", shown.GetProperty("owner").GetString());
            Assert.Equal("https://runbooks.example.org/checkout", shown.GetProperty("runbook").GetString());
        }
    }

    [Fact]
    public async Task FirstUse_A_service_without_an_entry_shows_neither()
    {
        await using var api = await IncidentApi.StartAsync();
        await api.Desk.OpenAsync(Severity.Sev2);

        var (_, incident) = await api.GetAsync("api/incidents/INC-1");

        Assert.False(incident.TryGetProperty("owner", out _));
        Assert.False(incident.TryGetProperty("runbook", out _));
    }
}
