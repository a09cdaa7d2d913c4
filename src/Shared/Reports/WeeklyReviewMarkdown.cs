using System.Globalization;
using System.Text;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Reports;

/// <summary>The weekly review for people. What comes from outside (titles, names) is escaped: it can't bring links, HTML or table cells.</summary>
public static class WeeklyReviewMarkdown
{
    /// <summary>The week in a sentence or two, plain text.</summary>
    public static string Headline(WeeklyReview review)
    {
        var sentences = new List<string> { OpeningSentence(review) };
        var notes = new[]
        {
            (review.CarriedOverCount, "came over from earlier weeks"),
            (review.ReopenedCount, "reopened"),
            (review.OpenCount, "still open when the week ended"),
        };
        var told = notes.Where(note => note.Item1 > 0).Select(note => Invariant($"{note.Item1} {note.Item2}")).ToList();
        if (told.Count > 0)
        {
            sentences.Add($"{string.Join(", ", told)}.");
        }

        var missed = MissedTargets(review).ToList();
        if (missed.Count > 0)
        {
            sentences.Add($"Missed: {string.Join(", ", missed)}.");
        }

        return string.Join(' ', sentences);
    }

    /// <param name="names">How it calls commanders.</param>
    public static string Render(WeeklyReview review, PeopleNames names)
    {
        var text = new StringBuilder();
        text.Append("# Weekly review, ").AppendLf(Days(review));
        text.AppendLf().Append("**").Append(Headline(review)).AppendLf("**");
        text.AppendLf().AppendLf(PeriodNote(review));
        AppendSeverities(text, review);
        AppendServices(text, review);
        AppendIncidents(text, "Incidents", review.Incidents, review.IncidentCount, names);
        AppendIncidents(text, "From earlier weeks", review.CarriedOver, review.CarriedOverCount, names);
        return text.ToString();
    }

    private static string OpeningSentence(WeeklyReview review)
    {
        if (review.IncidentCount == 0)
        {
            return "A quiet week: no incident was detected.";
        }

        var severities = review.BySeverity
            .Where(severity => severity.IncidentCount > 0)
            .Select(severity => Invariant($"{severity.IncidentCount} {severity.Severity.Text()}"));
        return Invariant($"{review.IncidentCount} {Plural(review.IncidentCount, "incident")}: {string.Join(", ", severities)}.");
    }

    private static IEnumerable<string> MissedTargets(WeeklyReview review) =>
        from severity in review.BySeverity
        from time in new[] { ("MTTD", severity.Times.Mttd), ("MTTA", severity.Times.Mtta), ("MTTR", severity.Times.Mttr) }
        where time.Item2.IsTargetMet == false
        select $"{severity.Severity.Text()} {time.Item1} {Duration(time.Item2.MeanSeconds)} (target under {Duration(time.Item2.TargetSeconds)})";

    private static string PeriodNote(WeeklyReview review)
    {
        var hours = (int)(review.To - review.From).TotalHours;
        var clocks = hours == 7 * 24 ? "" : Invariant($"; clocks changed, it had {hours} hours");
        return $"The week runs from {Time(review.From)} to {Time(review.To)}, times in {MarkdownText.Escape(review.TimeZone)}{clocks}. "
            + "An incident counts in the week it was detected; a mean counts what was acknowledged or resolved in the week.";
    }

    private static void AppendSeverities(StringBuilder text, WeeklyReview review)
    {
        text.AppendLf().AppendLf("## By severity").AppendLf();
        text.AppendLf("| Severity | Incidents | Detected (MTTD) | Acknowledged (MTTA) | Resolved (MTTR) |");
        text.AppendLf("| --- | ---: | --- | --- | --- |");
        foreach (var severity in review.BySeverity)
        {
            text.AppendLf(Invariant($"| {severity.Severity.Text()} | {severity.IncidentCount} | {Cells(severity.Times)} |"));
        }

        text.AppendLf(Invariant($"| All | {review.IncidentCount} | {Cells(review.Overall)} |"));
    }

    private static void AppendServices(StringBuilder text, WeeklyReview review)
    {
        if (review.ByService.Count == 0)
        {
            return;
        }

        text.AppendLf().AppendLf("## By service").AppendLf();
        text.AppendLf("| Service | Incidents | SEV-1 | SEV-2 | SEV-3 | SEV-4 | Resolved (MTTR) |");
        text.AppendLf("| --- | ---: | ---: | ---: | ---: | ---: | --- |");
        foreach (var service in review.ByService)
        {
            var counts = string.Join(" | ", Severities.All.Select(severity => Invariant($"{service.BySeverity[severity]}")));
            text.AppendLf(Invariant($"| {Name(service.Service)} | {service.IncidentCount} | {counts} | {Cell(service.Mttr)} |"));
        }

        if (review.ServicesNotListed > 0)
        {
            text.AppendLf().AppendLf(Invariant($"And {review.ServicesNotListed} more {Plural(review.ServicesNotListed, "service")}."));
        }
    }

    private static void AppendIncidents(
        StringBuilder text, string heading, IReadOnlyList<ReviewedIncident> incidents, int count, PeopleNames names)
    {
        if (count == 0)
        {
            return;
        }

        text.AppendLf().Append("## ").AppendLf(heading).AppendLf();
        foreach (var incident in incidents)
        {
            text.AppendLf(Line(incident, names));
        }

        if (count > incidents.Count)
        {
            text.AppendLf().AppendLf(Invariant($"And {count - incidents.Count} more, none of them worse."));
        }
    }

    private static string Line(ReviewedIncident incident, PeopleNames names)
    {
        var facts = new List<string> { Name(incident.Service), $"detected {Time(incident.DetectedAt)}", Length(incident) };
        facts.Add(incident.Commander is { } commander ? $"commander {Name(NameOf(commander, names))}" : "no commander");
        if (incident.IsReopened)
        {
            facts.Add("reopened");
        }

        if (incident.Postmortem != PostmortemDuty.None)
        {
            facts.Add(incident.Postmortem == PostmortemDuty.Owed ? "postmortem owed" : "postmortem owed once resolved");
        }

        var link = incident.Link.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal);
        return $"- **{incident.Severity.Text()}** [{MarkdownText.Escape(incident.Id)}]({link}) {Name(incident.Title)}: {string.Join(", ", facts)}";
    }

    private static string Length(ReviewedIncident incident) => incident switch
    {
        { IsOpen: false } => $"took {Duration(incident.DurationSeconds)}",
        { ResolvedAt: { } resolved } => $"open when the week ended, resolved {Time(resolved)} after {Duration(incident.DurationSeconds)}",
        _ => $"open for {Duration(incident.DurationSeconds)} when the week ended",
    };

    private static string Cells(ResponseTimes times) => $"{Cell(times.Mttd)} | {Cell(times.Mtta)} | {Cell(times.Mttr)}";

    private static string Cell(MeanTime time)
    {
        var mean = time.Count == 0 ? "–" : Invariant($"{Duration(time.MeanSeconds)} of {time.Count}");
        return time switch
        {
            { TargetSeconds: null } => mean,
            { IsTargetMet: null } => $"{mean} (target < {Duration(time.TargetSeconds)})",
            { IsTargetMet: true } => $"{mean} (target < {Duration(time.TargetSeconds)}, met)",
            _ => $"{mean} (target < {Duration(time.TargetSeconds)}, **missed**)",
        };
    }

    private static string Days(WeeklyReview review)
    {
        var last = review.To.AddTicks(-1);
        var first = review.From.Year == last.Year ? Day(review.From, "d MMMM") : Day(review.From, "d MMMM yyyy");
        return $"{first} to {Day(last, "d MMMM yyyy")}";
    }

    private static string Day(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.ToString("ddd yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Duration(long? seconds) => DurationText.Of(TimeSpan.FromSeconds(seconds ?? 0));

    private static string NameOf(string commander, PeopleNames names) =>
        MarkdownText.OneLine(names.NameOf(commander), WeeklyReviewMetrics.MaxNameCharacters);

    private static string Name(string text) => text.Length == 0 ? "(none)" : MarkdownText.Escape(text);

    private static string Plural(int count, string noun) => count == 1 ? noun : noun + "s";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    // A report is the same on every machine, so its lines don't end as the machine likes.
    private static StringBuilder AppendLf(this StringBuilder text, string line = "") => text.Append(line).Append('\n');
}
