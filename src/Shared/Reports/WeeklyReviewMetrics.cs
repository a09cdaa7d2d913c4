using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Reports;

/// <summary>What is told of an incident beside its own facts.</summary>
/// <param name="BaseUrl">Where users reach the program; what links begin with.</param>
/// <param name="PostmortemSeverities">The severities whose resolve calls for a postmortem.</param>
public sealed record ReviewPolicy(Uri? BaseUrl, IReadOnlyList<Severity> PostmortemSeverities)
{
    /// <summary>How the review for people calls them; its data keep their ids.</summary>
    public PeopleNames Names { get; init; } = PeopleNames.None;
}

/// <summary>From incidents to a <see cref="WeeklyReview"/>, which states the rules.</summary>
public static class WeeklyReviewMetrics
{
    private const int MaxTitleCharacters = 120;
    internal const int MaxNameCharacters = 64;

    /// <summary>Whether the incident has a place in that week's review: detected or open in it.</summary>
    public static bool Concerns(Incident incident, ReviewPeriod period) =>
        incident.DetectedAt < period.To && (incident.DetectedAt >= period.From || incident.IsOpen || EndOf(incident) >= period.From);

    /// <param name="incidents">Each once; those that don't concern the period are left out.</param>
    public static WeeklyReview Compute(IEnumerable<Incident> incidents, ReviewPeriod period, ReviewPolicy policy)
    {
        var concerned = incidents
            .Where(incident => Concerns(incident, period))
            .OrderBy(incident => incident.Worst)
            .ThenBy(incident => incident.DetectedAt)
            .ThenBy(incident => incident.Number)
            .ToList();
        var detected = concerned.Where(incident => incident.DetectedAt >= period.From).ToList();
        var carriedOver = concerned.Where(incident => incident.DetectedAt < period.From).ToList();
        var services = ServicesOf(detected, concerned, period);
        return new WeeklyReview
        {
            From = period.From,
            To = period.To,
            TimeZone = period.Zone.Id,
            IncidentCount = detected.Count,
            CarriedOverCount = carriedOver.Count,
            OpenCount = concerned.Count(incident => IsOpenAtEnd(incident, period)),
            ReopenedCount = concerned.Count(incident => IsReopened(incident, period)),
            PostmortemsOwedCount = concerned.Count(incident => DutyOf(incident, period, policy) == PostmortemDuty.Owed),
            Overall = TimesOf(concerned, period, severity: null),
            BySeverity = [.. Severities.All.Select(severity => Of(severity, detected, concerned, period))],
            ByService = [.. services.Take(WeeklyReview.MaxServicesListed)],
            ServicesNotListed = Math.Max(0, services.Count - WeeklyReview.MaxServicesListed),
            Incidents = [.. detected.Take(WeeklyReview.MaxListed).Select(incident => Reviewed(incident, period, policy))],
            CarriedOver = [.. carriedOver.Take(WeeklyReview.MaxCarriedOverListed).Select(incident => Reviewed(incident, period, policy))],
        };
    }

    private static SeverityReview Of(Severity severity, List<Incident> detected, List<Incident> concerned, ReviewPeriod period) => new(
        severity,
        detected.Count(incident => incident.Worst == severity),
        TimesOf(concerned.Where(incident => incident.Worst == severity), period, severity));

    private static List<ServiceReview> ServicesOf(List<Incident> detected, List<Incident> concerned, ReviewPeriod period)
    {
        var resolves = concerned.ToLookup(incident => incident.Service, StringComparer.Ordinal);
        return
        [
            .. detected
                .GroupBy(incident => incident.Service, StringComparer.Ordinal)
                .OrderByDescending(service => service.Count())
                .ThenBy(service => service.Min(incident => incident.Worst))
                .ThenBy(service => service.Key, StringComparer.Ordinal)
                .Select(service => new ServiceReview(
                    MarkdownText.OneLine(service.Key, MaxNameCharacters),
                    service.Count(),
                    Severities.All.ToDictionary(severity => severity, severity => service.Count(incident => incident.Worst == severity)),
                    MeanTime.Of(Resolves(resolves[service.Key], period), target: null))),
        ];
    }

    private static ResponseTimes TimesOf(IEnumerable<Incident> incidents, ReviewPeriod period, Severity? severity)
    {
        var all = incidents.ToList();
        var detects = all
            .Where(incident => period.Contains(incident.DetectedAt) && !incident.FiredBeforeListening)
            .Select(incident => NotNegative(incident.DetectedAt - incident.StartedAt))
            .ToList();
        var acknowledges = all
            .Select(incident => (From: AcknowledgeableSince(incident), At: incident.AcknowledgedAt))
            .Where(ack => ack.At is { } at && period.Contains(Later(at, ack.From)))
            .Select(ack => NotNegative(ack.At!.Value - ack.From))
            .ToList();
        return new ResponseTimes(
            MeanTime.Of(detects, severity is { } d ? ResponseTargets.Detect(d) : null),
            MeanTime.Of(acknowledges, severity is { } a ? ResponseTargets.Acknowledge(a) : null),
            MeanTime.Of(Resolves(all, period), severity is { } r ? ResponseTargets.Resolve(r) : null));
    }

    private static List<TimeSpan> Resolves(IEnumerable<Incident> incidents, ReviewPeriod period) =>
    [
        .. incidents
            .Where(incident => !incident.IsOpen && incident.ResolvedAt is not null && EndOf(incident) is { } end && period.Contains(end))
            .Select(incident => NotNegative(incident.ResolvedAt!.Value - incident.StartedAt)),
    ];

    private static ReviewedIncident Reviewed(Incident incident, ReviewPeriod period, ReviewPolicy policy)
    {
        var end = EndOf(incident);
        return new ReviewedIncident
        {
            Id = incident.Id,
            Link = IncidentLinks.To(policy.BaseUrl, incident.Id).AbsoluteUri,
            Title = MarkdownText.OneLine(incident.Title, MaxTitleCharacters),
            Severity = incident.Worst,
            Service = MarkdownText.OneLine(incident.Service, MaxNameCharacters),
            DetectedAt = period.InZone(incident.DetectedAt),
            ResolvedAt = end is { } resolved ? period.InZone(resolved) : null,
            DurationSeconds = (long)NotNegative((end ?? period.To) - incident.StartedAt).TotalSeconds,
            IsOpen = IsOpenAtEnd(incident, period),
            IsReopened = IsReopened(incident, period),
            Commander = incident.Commander is { } commander ? MarkdownText.OneLine(commander, MaxNameCharacters) : null,
            Postmortem = DutyOf(incident, period, policy),
        };
    }

    private static PostmortemDuty DutyOf(Incident incident, ReviewPeriod period, ReviewPolicy policy)
    {
        if (!policy.PostmortemSeverities.Contains(incident.Worst))
        {
            return PostmortemDuty.None;
        }

        return IsOpenAtEnd(incident, period) ? PostmortemDuty.AfterResolve : PostmortemDuty.Owed;
    }

    private static bool IsOpenAtEnd(Incident incident, ReviewPeriod period) => incident.IsOpen || EndOf(incident) >= period.To;

    private static bool IsReopened(Incident incident, ReviewPeriod period) => incident.Round > 1 && period.Contains(incident.RoundStartedAt);

    private static DateTimeOffset? EndOf(Incident incident) =>
        !incident.IsOpen && (incident.ResolvedAt ?? incident.ClosedAt) is { } end ? Later(end, incident.DetectedAt) : null;

    private static DateTimeOffset AcknowledgeableSince(Incident incident) =>
        incident.Round > 1 && incident.AcknowledgedAt >= incident.RoundStartedAt ? Later(incident.RoundStartedAt, incident.DetectedAt) : incident.DetectedAt;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static TimeSpan NotNegative(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}
