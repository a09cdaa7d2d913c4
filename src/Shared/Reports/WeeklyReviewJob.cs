using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Reports;

/// <summary>Incidents detected from <paramref name="detectedFrom"/> (inclusive) to <paramref name="detectedBefore"/> (exclusive), in any order.</summary>
public delegate IAsyncEnumerable<Incident> ReadIncidents(
    DateTimeOffset detectedFrom, DateTimeOffset detectedBefore, CancellationToken cancellationToken);

/// <summary>All incidents that are open now, in any order.</summary>
public delegate IAsyncEnumerable<Incident> ReadOpenIncidents(CancellationToken cancellationToken);

/// <summary>Makes the report of the week before the scheduled time, once.</summary>
public sealed class WeeklyReviewJob(
    ReviewPolicy policy,
    ReadIncidents readIncidents,
    ReadOpenIncidents readOpenIncidents,
    ReportStore reports,
    ILogger<WeeklyReviewJob> logger)
{
    public const string Name = "weekly-review";

    public const string Kind = "weekly";

    /// <summary>
    /// How far back an incident may have been detected to be found when it is no longer open: 13 weeks. It lets an incident carried over be
    /// told of in the week it was resolved.
    /// </summary>
    public static readonly TimeSpan LookBack = TimeSpan.FromDays(91);

    /// <param name="cron">As <see cref="CronSchedule"/> reads it.</param>
    /// <param name="timeZone">An IANA name; also the zone of the report's days and times.</param>
    /// <exception cref="FormatException">Either can't be used; the message says why.</exception>
    public ScheduledJob Schedule(string cron, string timeZone)
    {
        var zone = CronSchedule.Parse(cron, timeZone).Zone;
        return new ScheduledJob(Name, cron, timeZone, (run, cancellationToken) => RunAsync(run, zone, cancellationToken));
    }

    private async Task RunAsync(ScheduledRun run, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var period = ReviewPeriod.WeekBefore(run.ScheduledFor, zone);
        var incidents = await ReadAsync(period, cancellationToken).ConfigureAwait(false);
        var review = WeeklyReviewMetrics.Compute(incidents, period, policy);
        var report = new StoredReport
        {
            Id = new ReportId(Kind, DateOnly.FromDateTime(period.InZone(run.ScheduledFor).DateTime)),
            From = review.From,
            To = review.To,
            CreatedAt = run.Now,
            Headline = WeeklyReviewMarkdown.Headline(review),
            Markdown = WeeklyReviewMarkdown.Render(review, policy.Names),
            Content = JsonSerializer.SerializeToElement(review, PipelineJson.Options),
        };
        if (await reports.AddAsync(report, cancellationToken).ConfigureAwait(false))
        {
            logger.ReportStored(report.Id, review.IncidentCount, review.CarriedOverCount);
        }
        else
        {
            logger.ReportExists(report.Id);
        }
    }

    private async Task<IEnumerable<Incident>> ReadAsync(ReviewPeriod period, CancellationToken cancellationToken)
    {
        // The two reads can meet one incident twice; what was read last is newer.
        var concerned = new Dictionary<string, Incident>(StringComparer.Ordinal);
        await foreach (var incident in readIncidents(period.From - LookBack, period.To, cancellationToken).ConfigureAwait(false))
        {
            Keep(incident);
        }

        await foreach (var incident in readOpenIncidents(cancellationToken).ConfigureAwait(false))
        {
            Keep(incident);
        }

        return concerned.Values;

        void Keep(Incident incident)
        {
            if (WeeklyReviewMetrics.Concerns(incident, period))
            {
                concerned[incident.Id] = incident;
            }
        }
    }
}

internal static partial class ReportLog
{
    [LoggerMessage(400, LogLevel.Information, "Report {Report} is stored: {Incidents} incidents, {CarriedOver} carried over")]
    public static partial void ReportStored(this ILogger logger, ReportId report, int incidents, int carriedOver);

    [LoggerMessage(401, LogLevel.Information, "Report {Report} was there already; it stays as it is")]
    public static partial void ReportExists(this ILogger logger, ReportId report);
}
