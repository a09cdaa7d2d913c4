using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Incidents;
using Pipeline.Reports;
using Pipeline.Runtime;
using Pipeline.Standalone.Scheduling;
using Pipeline.Tests.Support;
using Xunit;
using static Pipeline.Tests.Support.SampleIncident;

namespace Pipeline.Standalone.Tests.Scheduling;

/// <summary>The weekly review as the program makes it: the job, on the cron loop.</summary>
public sealed class WeeklyReviewScheduleTests
{
    private readonly ManualTimeProvider time = new();
    private readonly InMemoryEntityTable table = new();
    private readonly List<Incident> incidents = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ReportStore Reports => new(table);

    [Fact]
    public async Task Three_weeks_of_downtime_give_three_reports_each_of_its_own_week()
    {
        using (var before = Loop())
        {
            await before.DrainAsync(Cancellation);
        }

        incidents.Add(Create(1, Severity.Sev1, "2026-01-06T10:00Z", resolved: "2026-01-06T10:30Z"));
        incidents.Add(Create(2, Severity.Sev3, "2026-01-20T10:00Z", resolved: "2026-01-20T10:30Z"));
        time.AdvanceTo(At("2026-01-28T12:00Z"));
        using var after = Loop();
        await after.DrainAsync(Cancellation);
        var page = await Reports.ListAsync("weekly", 10, cancellationToken: Cancellation);
        Assert.Equal(
            """
            weekly-2026-01-26: 1 incident: 1 SEV-3.
            weekly-2026-01-19: A quiet week: no incident was detected.
            weekly-2026-01-12: 1 incident: 1 SEV-1.
            """,
            string.Join('\n', page.Items.Select(report => $"{report.Id}: {report.Headline}")));
        Assert.All(page.Items, report => Assert.Equal(At("2026-01-28T12:00Z"), report.CreatedAt));
    }

    [Fact]
    public async Task Two_loops_at_once_give_one_report()
    {
        using var one = Loop();
        using var other = Loop();
        await one.DrainAsync(Cancellation);
        await other.DrainAsync(Cancellation);
        time.AdvanceTo(At("2026-01-12T09:00Z"));
        await Task.WhenAll(Task.Run(() => one.DrainAsync(Cancellation), Cancellation), Task.Run(() => other.DrainAsync(Cancellation), Cancellation));
        Assert.Single((await Reports.ListAsync("weekly", 10, cancellationToken: Cancellation)).Items);
    }

    private CronLoop Loop()
    {
        var job = new WeeklyReviewJob(
            new ReviewPolicy(new Uri("http://localhost:7071"), [Severity.Sev1, Severity.Sev2]),
            (from, before, _) => incidents.Where(incident => incident.DetectedAt >= from && incident.DetectedAt < before).ToAsyncEnumerable(),
            _ => incidents.Where(incident => incident.IsOpen).ToAsyncEnumerable(),
            Reports,
            NullLogger<WeeklyReviewJob>.Instance);
        return new CronLoop([job.Schedule("0 9 * * 1", "UTC")], table, time, NullLogger<CronLoop>.Instance);
    }
}
