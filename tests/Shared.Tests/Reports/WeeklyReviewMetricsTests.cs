using System.Text.Json;
using Pipeline.Incidents;
using Pipeline.Reports;
using Pipeline.Runtime;
using Xunit;
using static Pipeline.Tests.Support.SampleIncident;

namespace Pipeline.Shared.Tests.Reports;

public sealed class WeeklyReviewMetricsTests
{
    // Monday 2025-12-29 to Sunday 2026-01-04.
    private static readonly ReviewPeriod Week = ReviewPeriod.WeekBefore(At("2026-01-05T09:00Z"), TimeZoneInfo.Utc);
    private static readonly ReviewPolicy Policy = new(new Uri("https://pipeline.example"), [Severity.Sev1, Severity.Sev2]);

    [Theory]
    // The seed's own example: started 14:25, detected 14:30, acknowledged 14:32, resolved 16:45.
    [InlineData("2025-12-30T14:25", "2025-12-30T14:30", "2025-12-30T14:32", "2025-12-30T16:45", 300L, 120L, 8400L)]
    // Nobody acknowledged: no mean, and no zero.
    [InlineData("2025-12-30T14:25", "2025-12-30T14:30", null, "2025-12-30T16:45", 300L, null, 8400L)]
    // Still open.
    [InlineData("2025-12-30T14:25", "2025-12-30T14:30", "2025-12-30T14:32", null, 300L, 120L, null)]
    // Resolved, and acknowledged, when the week was over: they count in the week after.
    [InlineData("2026-01-04T23:50", "2026-01-04T23:55", "2026-01-05T00:00", "2026-01-05T01:00", 300L, null, null)]
    // Detected before the week, acknowledged and resolved in it: they count here, its detection doesn't.
    [InlineData("2025-12-28T22:00", "2025-12-28T23:00", "2025-12-29T00:00", "2025-12-29T02:00", null, 3600L, 14400L)]
    // Resolved before it was detected, acknowledged before too: no time, not less.
    [InlineData("2025-12-30T14:30", "2025-12-30T14:30", "2025-12-30T14:29", "2025-12-30T14:00", 0L, 0L, 0L)]
    // The sender's clock is ahead: it starts after it was detected.
    [InlineData("2025-12-30T14:31", "2025-12-30T14:30", "2025-12-30T14:32", "2025-12-30T14:33", 0L, 120L, 120L)]
    // Acknowledged and resolved by a clock that is behind, across the week's start: they count with the detection.
    [InlineData("2025-12-28T23:00", "2025-12-29T00:00", "2025-12-28T23:59", "2025-12-28T23:30", 3600L, 0L, 1800L)]
    // A start in the year 1 doesn't overflow.
    [InlineData("0001-01-01T00:00", "2025-12-30T14:30", null, null, 63902701800L, null, null)]
    public void Times_are_those_of_the_reference_seed(
        string started, string detected, string? acknowledged, string? resolved, long? mttd, long? mtta, long? mttr)
    {
        var review = Compute(Create(1, Severity.Sev3, detected, started, acknowledged, resolved));
        Assert.Equal(
            (mttd, mtta, mttr),
            (review.Overall.Mttd.MeanSeconds, review.Overall.Mtta.MeanSeconds, review.Overall.Mttr.MeanSeconds));
        Assert.Equal(
            (mttd is null ? 0 : 1, mtta is null ? 0 : 1, mttr is null ? 0 : 1),
            (review.Overall.Mttd.Count, review.Overall.Mtta.Count, review.Overall.Mttr.Count));
    }

    [Fact]
    public void F17_What_was_a_Sev1_counts_as_one_though_it_was_lowered_before_its_resolve()
    {
        var lowered = Create(1, Severity.Sev3, "2025-12-30T14:30", resolved: "2025-12-30T16:45") with { WorstSeverity = Severity.Sev1 };
        var review = Compute(lowered);
        Assert.Equal([1, 0, 0, 0], review.BySeverity.Select(severity => severity.IncidentCount));
        Assert.Equal(1, review.BySeverity[0].Times.Mttr.Count);
        Assert.Equal(1, review.PostmortemsOwedCount);
        Assert.Equal(1, review.ByService[0].BySeverity[Severity.Sev1]);
        Assert.Equal(Severity.Sev1, review.Incidents[0].Severity);
    }

    [Theory]
    // Before the week, ended before it.
    [InlineData("2025-12-28T10:00", "2025-12-28T23:59", false)]
    // Ended at the moment it begins: it was open in the last of the weeks before, and is told of once more with its end.
    [InlineData("2025-12-28T10:00", "2025-12-29T00:00", true)]
    // Before the week, still open.
    [InlineData("2025-10-01T10:00", null, true)]
    // Its first and last moment, and the first of the week after.
    [InlineData("2025-12-29T00:00", "2025-12-29T00:01", true)]
    [InlineData("2026-01-04T23:59:59.9999999", null, true)]
    [InlineData("2026-01-05T00:00", null, false)]
    public void A_review_concerns_what_was_detected_or_open_in_its_week(string detected, string? resolved, bool concerns) =>
        Assert.Equal(concerns, WeeklyReviewMetrics.Concerns(Create(1, Severity.Sev3, detected, resolved: resolved), Week));

    [Theory]
    // Under the target, on it, over it: only under is met.
    [InlineData(Severity.Sev1, 299, true)]
    [InlineData(Severity.Sev1, 300, false)]
    [InlineData(Severity.Sev1, 301, false)]
    // SEV-2 has a quarter of an hour.
    [InlineData(Severity.Sev2, 899, true)]
    [InlineData(Severity.Sev2, 900, false)]
    // The others have no target to meet.
    [InlineData(Severity.Sev3, 1, null)]
    [InlineData(Severity.Sev4, 1, null)]
    public void Acknowledging_is_held_against_the_seed_s_target(Severity severity, int seconds, bool? met)
    {
        var acknowledged = At("2025-12-30T14:30").AddSeconds(seconds).ToString("o");
        var review = Compute(Create(1, severity, "2025-12-30T14:30", acknowledged: acknowledged));
        Assert.Equal(met, review.BySeverity.Single(row => row.Severity == severity).Times.Mtta.IsTargetMet);
    }

    [Fact]
    public void Targets_stand_beside_the_means_as_the_seed_has_them()
    {
        var targets = Compute().BySeverity.Select(row =>
            (row.Severity, row.Times.Mttd.TargetSeconds, row.Times.Mtta.TargetSeconds, row.Times.Mttr.TargetSeconds));
        Assert.Equal(
            [(Severity.Sev1, 300, 300, 3600), (Severity.Sev2, null, 900, 14400), (Severity.Sev3, null, null, null), (Severity.Sev4, null, null, null)],
            targets);
    }

    [Fact]
    public void A_mean_is_over_those_that_have_the_time()
    {
        var review = Compute(
            Create(1, Severity.Sev2, "2025-12-30T10:00", acknowledged: "2025-12-30T10:02", resolved: "2025-12-30T11:00"),
            Create(2, Severity.Sev2, "2025-12-30T10:00", acknowledged: "2025-12-30T10:05", resolved: "2025-12-30T14:00"),
            Create(3, Severity.Sev2, "2025-12-30T10:00"));
        var times = review.BySeverity[1].Times;
        Assert.Equal(new MeanTime(2, 210, 900, IsTargetMet: true), times.Mtta);
        Assert.Equal(new MeanTime(2, 9000, 14400, IsTargetMet: true), times.Mttr);
        Assert.Equal(3, times.Mttd.Count);
    }

    [Fact]
    public void An_acknowledgement_after_a_reopening_is_counted_from_it()
    {
        var reopened = Create(1, Severity.Sev1, "2025-12-30T10:00", acknowledged: "2025-12-30T12:03") with
        {
            Round = 2,
            RoundStartedAt = At("2025-12-30T12:00"),
        };
        var review = Compute(reopened);
        Assert.Equal(180, review.Overall.Mtta.MeanSeconds);
        Assert.Equal(1, review.ReopenedCount);
        Assert.True(review.Incidents[0].IsReopened);
    }

    [Fact]
    public void Own1_What_fired_before_anybody_listened_counts_in_no_mean_time_to_detect()
    {
        var prompt = Create(1, Severity.Sev3, "2025-12-30T09:05", "2025-12-30T09:00");
        var old = Create(2, Severity.Sev3, "2025-12-30T10:00", "2025-11-14T10:00") with { FiredBeforeListening = true };

        Assert.Equal(300, Compute(prompt, old).Overall.Mttd.MeanSeconds);
    }

    [Fact]
    public void An_acknowledgement_from_before_a_reopening_is_counted_from_the_detection()
    {
        var reopened = Create(1, Severity.Sev1, "2025-12-30T10:00", acknowledged: "2025-12-30T10:03") with
        {
            Round = 2,
            RoundStartedAt = At("2026-01-06T12:00"),
        };
        var review = Compute(reopened);
        Assert.Equal(180, review.Overall.Mtta.MeanSeconds);

        // It was reopened a week later, so this week knows nothing of it.
        Assert.Equal(0, review.ReopenedCount);
    }

    [Fact]
    public void Incidents_are_counted_by_severity_and_service()
    {
        var review = Compute(
            Create(1, Severity.Sev3, "2025-12-29T10:00", service: "search"),
            Create(2, Severity.Sev3, "2025-12-30T10:00", service: "checkout"),
            Create(3, Severity.Sev1, "2025-12-31T10:00", service: "checkout", resolved: "2025-12-31T11:00"),
            Create(4, Severity.Sev2, "2025-12-31T10:00", service: "login"),
            Create(5, Severity.Sev1, "2025-12-20T10:00", service: "mail"));
        Assert.Equal([1, 1, 2, 0], review.BySeverity.Select(row => row.IncidentCount));
        Assert.Equal("checkout 2, login 1, search 1", string.Join(", ", review.ByService.Select(row => $"{row.Service} {row.IncidentCount}")));
        Assert.Equal([1, 0, 1, 0], Severities.All.Select(severity => review.ByService[0].BySeverity[severity]));
        Assert.Equal((4, 1, 4, 1), (review.IncidentCount, review.CarriedOverCount, review.OpenCount, review.PostmortemsOwedCount));
        Assert.Equal("INC-3, INC-4, INC-1, INC-2", string.Join(", ", review.Incidents.Select(incident => incident.Id)));
        Assert.Equal("INC-5", string.Join(", ", review.CarriedOver.Select(incident => incident.Id)));
    }

    [Theory]
    // A severity that calls for none.
    [InlineData(Severity.Sev3, "2025-12-30T12:00", PostmortemDuty.None)]
    // Resolved in the week.
    [InlineData(Severity.Sev2, "2025-12-30T12:00", PostmortemDuty.Owed)]
    // Open, or resolved after the week's end.
    [InlineData(Severity.Sev1, null, PostmortemDuty.AfterResolve)]
    [InlineData(Severity.Sev1, "2026-01-05T01:00", PostmortemDuty.AfterResolve)]
    public void A_postmortem_is_owed_from_the_resolve_on(Severity severity, string? resolved, PostmortemDuty duty) =>
        Assert.Equal(duty, Compute(Create(1, severity, "2025-12-30T10:00", resolved: resolved)).Incidents[0].Postmortem);

    [Fact]
    public void An_incident_is_listed_with_what_a_reader_asks_for()
    {
        var incident = Create(
            7, Severity.Sev1, "2025-12-30T10:00", "2025-12-30T09:37", resolved: "2025-12-30T11:00", title: "Checkout\nfails", commander: "alice");
        var expected = new ReviewedIncident
        {
            Id = "INC-7",
            Link = "https://pipeline.example/api/incidents/INC-7",
            Title = "Checkout fails",
            Severity = Severity.Sev1,
            Service = "checkout",
            DetectedAt = At("2025-12-30T10:00"),
            ResolvedAt = At("2025-12-30T11:00"),
            DurationSeconds = 4980,
            IsOpen = false,
            IsReopened = false,
            Commander = "alice",
            Postmortem = PostmortemDuty.Owed,
        };
        Assert.Equal(expected, Compute(incident).Incidents[0]);
    }

    [Fact]
    public void A_storm_is_counted_whole_and_listed_in_part()
    {
        var storm = Enumerable.Range(1, 5000).Select(i => Create(
            i, i == 4999 ? Severity.Sev1 : Severity.Sev4, "2025-12-30T10:00", service: FormattableString.Invariant($"service-{i % 50}")));
        var review = WeeklyReviewMetrics.Compute(storm, Week, Policy);
        Assert.Equal((5000, 100, 20, 30), (review.IncidentCount, review.Incidents.Count, review.ByService.Count, review.ServicesNotListed));
        Assert.Equal("INC-4999", review.Incidents[0].Id);
    }

    [Fact]
    public void The_json_form_says_severities_and_times_plainly_and_reads_back()
    {
        var review = Compute(Create(7, Severity.Sev1, "2025-12-30T10:00", resolved: "2025-12-30T10:30"));
        var json = JsonSerializer.SerializeToElement(review, PipelineJson.Options);
        Assert.Equal("2025-12-29T00:00:00+00:00", json.GetProperty("from").GetString());
        Assert.Equal("SEV-1", json.GetProperty("bySeverity")[0].GetProperty("severity").GetString());
        Assert.Equal(1, json.GetProperty("byService")[0].GetProperty("bySeverity").GetProperty("SEV-1").GetInt32());
        Assert.Equal(1800, json.GetProperty("overall").GetProperty("mttr").GetProperty("meanSeconds").GetInt64());
        Assert.Equal("owed", json.GetProperty("incidents")[0].GetProperty("postmortem").GetString());
        var again = json.Deserialize<WeeklyReview>(PipelineJson.Options);
        Assert.Equal(json.GetRawText(), JsonSerializer.Serialize(again, PipelineJson.Options));
    }

    private static WeeklyReview Compute(params IEnumerable<Incident> incidents) => WeeklyReviewMetrics.Compute(incidents, Week, Policy);
}
