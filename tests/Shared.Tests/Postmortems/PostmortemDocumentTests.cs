using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Postmortems;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Postmortems;

public sealed class PostmortemDocumentTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_known_stands_in_the_draft()
    {
        var text = PostmortemDocument.Render(Facts(Head(), Entry(0, TimelineKind.Opened, "SEV-1 opened."), Entry(2, TimelineKind.Acknowledged, "Acknowledged by alice.", "alice")));
        foreach (var line in new[]
        {
            "# Postmortem: Checkout fails",
            "- **Incident:** [INC-7](<http://localhost:7071/api/incidents/INC-7>)",
            "- **Date:** 2026-01-05",
            "- **Duration:** 2 h 15 min (2026-01-05 09:00 UTC to 2026-01-05 11:15 UTC)",
            "- **Severity:** SEV-1, from label severity=critical",
            "- **Service:** checkout (production, eu-west)",
            "- **Incident commander:** alice",
            "## Summary",
            "## Impact",
            "| HighErrorRate | SEV-1 | 2026-01-05 09:00 UTC | 2026-01-05 11:15 UTC | 9 | 94 % of requests fail |",
            "## Timeline",
            "| 09:02:00 | Acknowledged by alice. | alice |",
            "## Root cause",
            "5. Why? _to fill in_",
            "## What went well",
            "## What went poorly",
            "- Resolved 2 h 15 min after it began; the target for SEV-1 is under 1 h.",
            "## Action items",
            "## Lessons learned",
            "- [ ] follow-up, due 2026-02-04 11:15 UTC",
        })
        {
            Assert.Contains($"{line}\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void F17_The_worst_severity_is_told_beside_the_last_and_measured_by()
    {
        var text = PostmortemDocument.Render(Facts(Head() with { Severity = Severity.Sev3, WorstSeverity = Severity.Sev1 }));
        Assert.Contains("- **Severity:** SEV-1 at its worst, SEV-3 at the end, from", text, StringComparison.Ordinal);
        Assert.Contains("the target for SEV-1 is under 1 h.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_texts_bring_no_markup_and_no_lines()
    {
        const string Hostile = "<script>x</script> | [a](http://evil) `c`\n# Postmortem: other\u202e";
        var head = Head() with { Title = Hostile, Service = Hostile, Commander = Hostile, SeverityReason = Hostile };
        var clean = PostmortemDocument.Render(Facts(Head(), Entry(0, TimelineKind.Note, "plain", "bob")));
        var text = PostmortemDocument.Render(Facts(head, Entry(0, TimelineKind.Note, Hostile, Hostile)));
        Assert.Equal(clean.Split('\n').Length, text.Split('\n').Length);
        Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[a](", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', text);
    }

    [Fact]
    public void The_worst_incident_still_fits_in_the_table()
    {
        var worst = new string('&', 5_000);
        var entries = Enumerable.Range(0, 5_000).Select(minute => Entry(minute, TimelineKind.Note, worst, worst)).ToArray();
        var head = Head() with { Title = worst, Service = worst, Commander = worst, SeverityReason = worst, Environment = worst };
        var facts = Facts(head, entries) with
        {
            Alerts = [.. Enumerable.Repeat(Alert() with
            {
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = worst },
                Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["summary"] = worst },
            }, PostmortemDocument.MaxAlerts)],
        };
        var document = new Postmortem("INC-7", 1, 1, new string('x', 200), Severity.Sev1, Start, PostmortemDocument.Render(facts));
        Assert.InRange(PipelineJson.ToUtf8(document).Length, 1, EntityLimits.MaxDocumentBytes);
    }

    [Theory]
    // All of it while it fits.
    [InlineData(PostmortemDocument.MaxEntries, 0, PostmortemDocument.MaxEntries)]
    // One too many, but half of it is alerts coming and going: the course stays whole.
    [InlineData(101, 200, 101)]
    // Too much of everything: the first and the last.
    [InlineData(1000, 1000, PostmortemDocument.MaxEntries)]
    public void A_long_timeline_is_shortened_by_what_tells_least(int notes, int alerts, int expected)
    {
        var entries = Enumerable.Range(0, notes).Select(minute => Entry(minute, TimelineKind.Note, "n"))
            .Concat(Enumerable.Range(notes, alerts).Select(minute => Entry(minute, TimelineKind.AlertFired, "a")))
            .ToList();
        var shown = PostmortemDocument.Select(entries);
        Assert.Equal(expected, shown.Count);
        Assert.Equal(entries[0], shown[0]);
        Assert.Equal(shown.OrderBy(entry => entry.Number), shown);
    }

    [Theory]
    // Detected in 30 s: under the seed's 5 min for SEV-1.
    [InlineData(0.5, 4, true, "Detected 30 s after it began; the target for SEV-1 is under 5 min.")]
    // Exactly the target misses it.
    [InlineData(5, 4, false, "Detected 5 min after it began; the target for SEV-1 is under 5 min.")]
    // Acknowledged in 4 min.
    [InlineData(0.5, 4, true, "Acknowledged 4 min after it was detected; the target for SEV-1 is under 5 min.")]
    // Too late.
    [InlineData(0.5, 12, false, "Acknowledged 12 min after it was detected; the target for SEV-1 is under 5 min.")]
    // Never.
    [InlineData(0.5, null, false, "No acknowledgement is on record; the target for SEV-1 is under 5 min.")]
    public void Times_are_held_against_the_seeds_targets(double detected, int? acknowledged, bool good, string expected)
    {
        var detectedAt = Start.AddMinutes(detected);
        var head = Head() with { DetectedAt = detectedAt, AcknowledgedAt = acknowledged is { } minutes ? detectedAt.AddMinutes(minutes) : null };
        var findings = PostmortemFindings.Of(head, []);
        Assert.Contains(expected, good ? findings.Well : findings.Poorly);
    }

    [Theory]
    // One page, answered.
    [InlineData("P A", true, "The first page was acknowledged.")]
    // Two levels slept.
    [InlineData("P D P D P D A", false, "2 pages went unanswered before one was acknowledged.")]
    // A page that couldn't be delivered.
    [InlineData("P F A", false, "Delivery of pages failed 1 time; the timeline says why.")]
    // Every update came in time.
    [InlineData("P A U U", true, "Stakeholders had 2 updates, none of them late.")]
    // One was late, however often it was reminded of.
    [InlineData("P A O O O U U", false, "1 update came late or not at all.")]
    // Two were.
    [InlineData("P A O U O U", false, "2 updates came late or not at all.")]
    // None at all.
    [InlineData("P A", false, "Stakeholders had no update.")]
    // Silence isn't recovery.
    [InlineData("P A S", false, "1 alert fell silent without a resolve, so recovery couldn't be seen.")]
    public void The_timeline_shows_how_the_response_went(string course, bool good, string expected)
    {
        var kinds = course.Split(' ').Select(letter => letter switch
        {
            "P" => TimelineKind.Paging,
            "A" => TimelineKind.Acknowledged,
            "D" => TimelineKind.PageSent,
            "F" => TimelineKind.PageFailed,
            "U" => TimelineKind.UpdatePosted,
            "O" => TimelineKind.UpdateOverdue,
            _ => TimelineKind.AlertStale,
        });
        var entries = kinds.Select((kind, minute) => Entry(minute, kind, "x")).ToList();
        var findings = PostmortemFindings.Of(Head() with { UpdateCount = entries.Count(entry => entry.Kind == TimelineKind.UpdatePosted) }, entries);
        Assert.Contains(expected, good ? findings.Well : findings.Poorly);
    }

    [Theory]
    // One step paged three people by two channels each: every page that was delivered counts.
    [InlineData("P D D D D D D", "6 pages went unanswered.")]
    // Two steps, of which one page was never delivered.
    [InlineData("P D P F", "1 page went unanswered.")]
    // None was.
    [InlineData("P F P F", "No page is known to have reached anybody.")]
    public void FirstUse_Without_an_acknowledgement_every_page_delivered_went_unanswered(string course, string expected)
    {
        var entries = course.Split(' ')
            .Select(letter => letter switch { "P" => TimelineKind.Paging, "D" => TimelineKind.PageSent, _ => TimelineKind.PageFailed })
            .Select((kind, minute) => Entry(minute, kind, "x"))
            .ToList();

        var findings = PostmortemFindings.Of(Head() with { AcknowledgedAt = null }, entries);

        Assert.Contains(expected, findings.Poorly);
    }

    [Fact]
    public void A_reopened_incident_says_so() =>
        Assert.Contains("The incident came back 1 time after a resolve.", PostmortemFindings.Of(Head() with { Round = 2 }, []).Poorly);

    private static PostmortemFacts Facts(Incident head, params TimelineEntry[] timeline)
    {
        var state = new PostmortemState(head.Id, 1, head.ResolvedAt!.Value, PostmortemTimes.Of(new PostmortemConfiguration()));
        var dueAt = Enum.GetValues<PostmortemMilestone>().ToDictionary(each => each, each => PostmortemPlan.DueAt(state, each));
        return new PostmortemFacts(
            head, [Alert()], timeline, "Alice Chen", dueAt, Start.AddDays(1), new Uri("http://localhost:7071/api/incidents/INC-7"));
    }

    private static TimelineEntry Entry(int minute, TimelineKind kind, string text, string? by = null) => new(minute, Start.AddMinutes(minute), kind, text, by);

    private static IncidentAlert Alert() => new()
    {
        Fingerprint = "0011223344556677",
        Status = IncidentAlertStatus.Resolved,
        Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = "HighErrorRate" },
        Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["summary"] = "94 % of requests fail" },
        StartsAt = Start,
        EndsAt = Start.AddMinutes(135),
        Count = 9,
        LastSeenAt = Start.AddMinutes(135),
        Severity = Severity.Sev1,
        LastSequence = 9,
    };

    private static Incident Head() => new()
    {
        Id = "INC-7",
        Number = 7,
        Title = "Checkout fails",
        Severity = Severity.Sev1,
        SeverityReason = "label severity=critical",
        Stage = IncidentStage.Resolved,
        Service = "checkout",
        Environment = "production",
        Region = "eu-west",
        CorrelationKey = "checkout",
        StartedAt = Start,
        DetectedAt = Start.AddSeconds(30),
        AcknowledgedAt = Start.AddMinutes(2),
        AcknowledgedBy = "alice",
        Commander = "alice",
        RoundStartedAt = Start.AddSeconds(30),
        ResolvedAt = Start.AddMinutes(135),
        TotalAlerts = 1,
    };
}
