using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Incidents;
using Pipeline.Reports;
using Pipeline.Runtime;
using Xunit;
using static Pipeline.Tests.Support.SampleIncident;

namespace Pipeline.Shared.Tests.Reports;

public sealed class WeeklyReviewJobTests
{
    private readonly InMemoryEntityTable table = new();
    private readonly List<Incident> incidents = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ReportStore Reports => new(table);

    [Fact]
    public async Task It_stores_the_week_before_the_scheduled_time()
    {
        incidents.Add(Create(1, Severity.Sev1, "2025-12-30T10:00Z", resolved: "2025-12-30T10:30Z"));
        incidents.Add(Create(2, Severity.Sev3, "2026-01-05T07:00Z"));
        await RunAsync("2026-01-05T08:00Z", "2026-01-05T08:00:01Z");
        var report = await FindAsync("weekly-2026-01-05");
        Assert.Equal((At("2025-12-29T00:00+01:00"), At("2026-01-05T00:00+01:00")), (report!.From, report.To));
        Assert.Equal(At("2026-01-05T08:00:01Z"), report.CreatedAt);
        Assert.Equal("1 incident: 1 SEV-1.", report.Headline);
        Assert.Contains("[INC-1](http://localhost:7071/api/incidents/INC-1)", report.Markdown, StringComparison.Ordinal);
        Assert.Equal("INC-1", report.Content.Deserialize<WeeklyReview>(PipelineJson.Options)!.Incidents.Single().Id);
    }

    [Fact]
    public async Task One_that_took_weeks_is_told_of_in_each_of_them()
    {
        // Older than is looked back to: found because it is open.
        incidents.Add(Create(1, Severity.Sev2, "2025-06-01T10:00Z"));

        // Resolved in that week: found by looking back.
        incidents.Add(Create(2, Severity.Sev2, "2025-12-01T10:00Z", resolved: "2025-12-31T10:00Z"));

        // Open in that week, though no longer when the report is made.
        incidents.Add(Create(3, Severity.Sev2, "2025-12-02T10:00Z", resolved: "2026-01-20T10:00Z"));

        // Over before it began.
        incidents.Add(Create(4, Severity.Sev2, "2025-12-03T10:00Z", resolved: "2025-12-04T10:00Z"));
        await RunAsync("2026-01-05T08:00Z", "2026-02-02T08:00Z");
        var review = (await FindAsync("weekly-2026-01-05"))!.Content.Deserialize<WeeklyReview>(PipelineJson.Options)!;
        Assert.Equal("INC-1, INC-2, INC-3", string.Join(", ", review.CarriedOver.Select(incident => incident.Id)));
        Assert.Equal((0, 3, 2), (review.IncidentCount, review.CarriedOverCount, review.OpenCount));
    }

    [Fact]
    public async Task Many_runs_at_once_store_one_report()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => RunAsync("2026-01-05T08:00Z", $"2026-01-05T08:00:0{i}Z"), Cancellation)));
        Assert.Single((await Reports.ListAsync(kind: null, 10, cancellationToken: Cancellation)).Items);
    }

    [Fact]
    public async Task The_worst_week_there_can_be_fits_into_an_entity()
    {
        // What takes most bytes once escaped: a pair of surrogates becomes twelve, in the Markdown and again in the figures.
        var hostile = string.Concat(Enumerable.Repeat("😀", 100));
        for (var i = 0; i < 300; i++)
        {
            var detected = i < 150 ? "2025-12-30T10:00Z" : "2025-12-20T10:00Z";
            incidents.Add(Create(i, Severity.Sev1, detected, title: hostile, service: FormattableString.Invariant($"{i}{hostile}"), commander: hostile));
        }

        await RunAsync("2026-01-05T08:00Z", "2026-01-05T08:00Z");
        var report = await FindAsync("weekly-2026-01-05");
        Assert.InRange(PipelineJson.ToUtf8(report).Length, EntityLimits.MaxDocumentBytes * 3 / 4, EntityLimits.MaxDocumentBytes);
    }

    [Theory]
    // The cron expression, then the zone.
    [InlineData("0 9 * *", "UTC", "'0 9 * *' is no cron expression")]
    [InlineData("0 9 * * 1", "Mars/Olympus", "'Mars/Olympus' is no time zone")]
    public void A_schedule_that_can_t_be_used_is_refused(string cron, string zone, string reason)
    {
        var exception = Assert.Throws<FormatException>(() => Job().Schedule(cron, zone));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    private Task RunAsync(string scheduledFor, string now) =>
        Job().Schedule("0 9 * * 1", "Europe/Berlin").Run(new ScheduledRun(At(scheduledFor), At(now)), Cancellation);

    private Task<StoredReport?> FindAsync(string id)
    {
        Assert.True(ReportId.TryParse(id, out var parsed));
        return Reports.GetAsync(parsed, Cancellation);
    }

    private WeeklyReviewJob Job() => new(
        new ReviewPolicy(new Uri("http://localhost:7071"), [Severity.Sev1, Severity.Sev2]),
        (from, before, _) => incidents.Where(incident => incident.DetectedAt >= from && incident.DetectedAt < before).ToAsyncEnumerable(),
        _ => incidents.Where(incident => incident.IsOpen).ToAsyncEnumerable(),
        Reports,
        NullLogger<WeeklyReviewJob>.Instance);
}
