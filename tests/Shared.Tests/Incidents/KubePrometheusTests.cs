using System.Text.RegularExpressions;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Fires the alerts of kube-prometheus's default rules and holds what becomes of them against the table in <c>docs/alerts.md</c>.</summary>
public sealed partial class KubePrometheusTests
{
    private static readonly IReadOnlyList<Row> Rows =
    [
        .. TableRow().Matches(RepositoryFile.Read("docs/alerts.md")).Select(match => new Row(
            match.Groups["alert"].Value,
            match.Groups["word"].Value,
            match.Groups["labels"].Value,
            match.Groups["service"].Value,
            match.Groups["severity"].Value,
            match.Groups["pages"].Value == "yes")),
    ];

    [Fact]
    public void The_table_has_the_rules()
    {
        Assert.InRange(Rows.Count, 130, 145);
        Assert.Equal(Rows.Count, Rows.Distinct().Count());
        Assert.Contains(Rows, row => row is { Alert: "Watchdog", Pages: false });
    }

    [Fact]
    public async Task D1_Each_alert_alone_becomes_what_the_table_says()
    {
        var wrong = new List<string>();
        foreach (var row in Rows)
        {
            await using var desk = new AlertDesk();
            await desk.WebhookAsync(desk.Firing(row.Labels));
            var incident = await desk.TheIncidentAsync();
            var became = row with { Service = incident.Service, Severity = incident.Severity.Text(), Pages = desk.Pages.Any() };
            if (became != row || incident.Environment != "production")
            {
                wrong.Add($"{row} became {became} in {incident.Environment}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task D1_All_of_them_at_once_are_an_incident_a_service_and_a_page_each_where_one_pages()
    {
        await using var desk = new AlertDesk();
        await desk.WebhookAsync(Rows.Select(row => desk.Firing(row.Labels)));

        var expected = Rows
            .GroupBy(row => row.Service == AlertScope.NoService ? $"{row.Service} {row.Alert}" : row.Service, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        var incidents = await desk.IncidentsAsync();
        Assert.Equal(expected.Count, incidents.Count);
        Assert.Equal(expected.Values.Count(rows => rows.Exists(row => row.Pages)), desk.Pages.Distinct().Count());
        foreach (var incident in incidents.Where(incident => incident.Service != AlertScope.NoService))
        {
            var rows = expected[incident.Service];
            Assert.Equal((rows.Count, rows.Min(row => row.Severity)), (incident.FiringAlerts, incident.Severity.Text()));
        }
    }

    [Fact]
    public async Task Own8_Watchdog_wakes_and_reminds_nobody()
    {
        await using var desk = new AlertDesk();
        var watchdog = Rows.Single(row => row.Alert == "Watchdog").Labels;
        for (var hour = 0; hour < 24; hour++)
        {
            await desk.WebhookAsync(desk.Firing(watchdog, TimeSpan.FromHours(-hour)));
            await desk.RunForAsync(TimeSpan.FromHours(1));
        }

        Assert.Equal([NotificationPurpose.IncidentOpened], desk.Sent.Select(notification => notification.Purpose));
        Assert.Null(desk.Sent[0].PersonId);
    }

    private sealed record Row(string Alert, string Word, string Others, string Service, string Severity, bool Pages)
    {
        public string Labels => $"alertname={Alert};severity={Word};prometheus=monitoring/k8s;{Others.Replace(", ", ";", StringComparison.Ordinal)}";
    }

    [GeneratedRegex(
        @"^\| (?<alert>\w+) \| (?<word>critical|warning|info|none) \| (`(?<labels>[^`]*)`|none) \| (?<service>\S+) \| (?<severity>SEV-[1-4]) \| (?<pages>yes|nobody) \|$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex TableRow();
}
