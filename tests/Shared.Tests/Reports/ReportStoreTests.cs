using System.Text.Json;
using Pipeline.Reports;
using Pipeline.Runtime;
using Xunit;
using static Pipeline.Tests.Support.SampleIncident;

namespace Pipeline.Shared.Tests.Reports;

public sealed class ReportStoreTests
{
    private readonly ReportStore store = new(new InMemoryEntityTable());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_comes_back_as_it_was_stored()
    {
        var report = Report("weekly", "2026-01-05");
        Assert.True(await store.AddAsync(report, Cancellation));
        var found = await store.GetAsync(report.Id, Cancellation);
        Assert.Equal(JsonSerializer.Serialize(report, PipelineJson.Options), JsonSerializer.Serialize(found, PipelineJson.Options));
        Assert.Equal("weekly", found!.Kind);
        Assert.Null(await store.GetAsync(new ReportId("weekly", new DateOnly(2026, 1, 12)), Cancellation));
    }

    [Fact]
    public async Task A_period_has_one_report_and_the_first_stays()
    {
        Assert.True(await store.AddAsync(Report("weekly", "2026-01-05"), Cancellation));
        Assert.False(await store.AddAsync(Report("weekly", "2026-01-05") with { Headline = "another" }, Cancellation));
        Assert.Equal("Headline", (await store.GetAsync(Report("weekly", "2026-01-05").Id, Cancellation))!.Headline);
    }

    [Fact]
    public async Task The_list_is_newest_first_page_by_page()
    {
        foreach (var day in new[] { "2025-12-29", "2026-01-12", "2026-01-05", "2026-01-19", "2026-01-26" })
        {
            await store.AddAsync(Report("weekly", day), Cancellation);
        }

        var first = await store.ListAsync(kind: null, 2, cancellationToken: Cancellation);
        var second = await store.ListAsync(kind: null, 2, first.Next, Cancellation);
        var third = await store.ListAsync(kind: null, 2, second.Next, Cancellation);
        Assert.Equal("weekly-2026-01-26, weekly-2026-01-19", Ids(first));
        Assert.Equal("weekly-2026-01-12, weekly-2026-01-05", Ids(second));
        Assert.Equal("weekly-2025-12-29", Ids(third));
        Assert.Null(third.Next);
    }

    [Fact]
    public async Task A_page_that_is_just_full_is_the_last_one()
    {
        await store.AddAsync(Report("weekly", "2026-01-05"), Cancellation);
        Assert.Null((await store.ListAsync(kind: null, 1, cancellationToken: Cancellation)).Next);
    }

    [Fact]
    public async Task One_kind_is_found_among_many_of_another()
    {
        await store.AddAsync(Report("weekly", "2025-01-06"), Cancellation);
        for (var day = 0; day < 120; day++)
        {
            await store.AddAsync(Report("daily", new DateOnly(2025, 2, 1).AddDays(day).ToString("o")), Cancellation);
        }

        Assert.Equal("weekly-2025-01-06", Ids(await store.ListAsync("weekly", 10, cancellationToken: Cancellation)));
        Assert.Equal(50, (await store.ListAsync("daily", 50, cancellationToken: Cancellation)).Items.Count);
    }

    private static string Ids(ReportPage page) => string.Join(", ", page.Items.Select(report => report.Id));

    private static StoredReport Report(string kind, string day) => new()
    {
        Id = new ReportId(kind, DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)),
        From = At("2025-12-29T00:00+01:00"),
        To = At("2026-01-05T00:00+01:00"),
        CreatedAt = At("2026-01-05T08:00Z"),
        Headline = "Headline",
        Markdown = "# Markdown",
        Content = JsonSerializer.SerializeToElement(new { incidentCount = 3 }),
    };
}
