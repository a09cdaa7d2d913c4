using Pipeline.Incidents;

namespace Pipeline.Reports;

/// <summary>How a week went. Its JSON is the report's machine-readable form, <see cref="WeeklyReviewMarkdown"/> the one for people.</summary>
/// <remarks>
/// <para>Which incident counts where: an incident belongs to the week it was detected in. One detected earlier that was open at any time in
/// the week is carried over, and listed apart. Each mean is over what ended in the week: detections (MTTD), acknowledgements (MTTA), resolves
/// (MTTR), also of incidents carried over. So a slow one counts in the week it ends, none is lost, and one that nobody acknowledged is no zero.</para>
/// <para>MTTD is detected − started, MTTA acknowledged − detected, MTTR resolved − started, as the reference seed defines them. An
/// acknowledgement after a reopening is counted from the reopening. Clocks of senders differ: a time span that would be negative is zero, and
/// an acknowledgement or resolve from before the detection counts as of the detection. What had begun before anybody listened to its
/// sender has no time of detection, and counts in no MTTD.</para>
/// <para>Open means open when the week ended. Incidents are read when the report is made: a later change of severity, or a reopening, shows.</para>
/// </remarks>
public sealed record WeeklyReview
{
    /// <summary>The worst and earliest so many are listed, to keep the report readable and inside what a table's entity can hold; all are counted.</summary>
    public const int MaxListed = 100;

    /// <summary>The same for incidents carried over.</summary>
    public const int MaxCarriedOverListed = 30;

    /// <summary>The same for services.</summary>
    public const int MaxServicesListed = 20;

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    /// <summary>The IANA name that local days and times are of.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Incidents detected in the week.</summary>
    public required int IncidentCount { get; init; }

    public required int CarriedOverCount { get; init; }

    /// <summary>Of all, those still open when the week ended.</summary>
    public required int OpenCount { get; init; }

    /// <summary>Of all, those reopened in the week.</summary>
    public required int ReopenedCount { get; init; }

    /// <summary>Of all, those whose resolve in the week calls for a postmortem.</summary>
    public required int PostmortemsOwedCount { get; init; }

    public required ResponseTimes Overall { get; init; }

    /// <summary>All four severities, the worst first.</summary>
    public required IReadOnlyList<SeverityReview> BySeverity { get; init; }

    /// <summary>Services with incidents detected in the week, most incidents first.</summary>
    public required IReadOnlyList<ServiceReview> ByService { get; init; }

    public required int ServicesNotListed { get; init; }

    /// <summary>Detected in the week: the worst severity first, then by time.</summary>
    public required IReadOnlyList<ReviewedIncident> Incidents { get; init; }

    public required IReadOnlyList<ReviewedIncident> CarriedOver { get; init; }
}

public sealed record ResponseTimes(MeanTime Mttd, MeanTime Mtta, MeanTime Mttr);

/// <summary>A mean and what it rests on.</summary>
/// <param name="Count">The incidents behind it.</param>
/// <param name="MeanSeconds">Whole seconds, cut; null where the count is 0.</param>
/// <param name="TargetSeconds">The mean should be less; null where no target is set.</param>
/// <param name="IsTargetMet">Null where there is no mean or no target.</param>
public sealed record MeanTime(int Count, long? MeanSeconds, long? TargetSeconds, bool? IsTargetMet)
{
    public static MeanTime Of(IReadOnlyCollection<TimeSpan> spans, TimeSpan? target)
    {
        // Wider than a long, since a sender's clock can put a start in the year 1.
        Int128 sum = 0;
        foreach (var span in spans)
        {
            sum += span.Ticks;
        }

        var targetSeconds = (long?)target?.TotalSeconds;
        return spans.Count == 0
            ? new MeanTime(0, MeanSeconds: null, targetSeconds, IsTargetMet: null)
            : new MeanTime(
                spans.Count,
                (long)(sum / spans.Count / TimeSpan.TicksPerSecond),
                targetSeconds,
                target is { } limit ? sum < (Int128)limit.Ticks * spans.Count : null);
    }
}

/// <param name="IncidentCount">Detected in the week.</param>
public sealed record SeverityReview(Severity Severity, int IncidentCount, ResponseTimes Times);

/// <param name="IncidentCount">Detected in the week.</param>
/// <param name="BySeverity">The same by severity, all four.</param>
/// <param name="Mttr">Of its incidents resolved in the week.</param>
public sealed record ServiceReview(string Service, int IncidentCount, IReadOnlyDictionary<Severity, int> BySeverity, MeanTime Mttr);

public enum PostmortemDuty
{
    /// <summary>Its severity calls for none.</summary>
    None,

    /// <summary>It will be owed once the incident is resolved.</summary>
    AfterResolve,

    Owed,
}

public sealed record ReviewedIncident
{
    public required string Id { get; init; }

    /// <summary>Where the API tells everything about it.</summary>
    public required string Link { get; init; }

    public required string Title { get; init; }

    public required Severity Severity { get; init; }

    public required string Service { get; init; }

    public required DateTimeOffset DetectedAt { get; init; }

    /// <summary>May be after the week's end, where the report was made later. Null for one that wasn't resolved when the report was made.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>From start to resolve; to the week's end for one that isn't resolved.</summary>
    public required long DurationSeconds { get; init; }

    /// <summary>When the week ended.</summary>
    public required bool IsOpen { get; init; }

    /// <summary>In the week.</summary>
    public required bool IsReopened { get; init; }

    /// <summary>An id under <c>people</c> where the configuration knows them.</summary>
    public string? Commander { get; init; }

    public required PostmortemDuty Postmortem { get; init; }
}
