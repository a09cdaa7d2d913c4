using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Hosting.Configuration;

/// <summary>Reads <c>cadence</c>, <c>postmortem</c> and <c>reports</c>.</summary>
internal static class FollowUpSections
{
    /// <summary>In <c>cadence.every</c>: no updates between the first and the last.</summary>
    private const string NoUpdates = "none";

    private static readonly DurationRange Interval = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(30));
    private static readonly DurationRange DueAfter = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(366));

    public static CadenceConfiguration ReadCadence(MappingCursor section)
    {
        var defaults = new CadenceConfiguration();
        return new CadenceConfiguration
        {
            Every = ReadEvery(section.Section("every"), defaults.Every),
            RemindBefore = section.Take("remind_before")?.Duration(Interval) ?? defaults.RemindBefore,
            NudgeEvery = section.Take("nudge_every")?.Duration(Interval) ?? defaults.NudgeEvery,
            Stakeholders = section.Take("stakeholders")?.DistinctItems(item => item.Reference(ReferenceKind.Person)) ?? defaults.Stakeholders,
        };
    }

    public static PostmortemConfiguration ReadPostmortem(MappingCursor section)
    {
        var defaults = new PostmortemConfiguration();
        var due = new (string Key, TimeSpan Default, ValueCursor? Written)[]
        {
            ("draft", defaults.Draft, section.Take("draft")),
            ("review", defaults.Review, section.Take("review")),
            ("actions", defaults.Actions, section.Take("actions")),
            ("follow_up", defaults.FollowUp, section.Take("follow_up")),
        };
        var times = due.Select(step => step.Written?.Duration(DueAfter) ?? step.Default).ToArray();
        for (var step = 1; step < due.Length; step++)
        {
            var (earlier, later) = (step - 1, step);
            if (times[later] < times[earlier])
            {
                var (written, other, word) = due[later].Written is { } value ? (value, earlier, "before") : (due[earlier].Written, later, "after");
                written?.Fail($"this would be due {word} '{due[other].Key}' ({Durations.Text(times[other])})", "All four count from the resolve; put them in order.");
            }
        }

        return new PostmortemConfiguration
        {
            Severities = section.Take("severities")?.Severities() ?? defaults.Severities,
            Draft = times[0],
            Review = times[1],
            Actions = times[2],
            FollowUp = times[3],
            Owner = section.Take("owner")?.Reference(ReferenceKind.Person),
        };
    }

    public static ReportConfiguration ReadReports(MappingCursor section)
    {
        var defaults = new ReportConfiguration();
        var weekly = section.Section("weekly");
        return new ReportConfiguration
        {
            BaseUrl = section.Take("base_url")?.Url(),
            Weekly = new WeeklyReviewConfiguration(
                weekly.Take("cron") is { } cron ? ReadCron(cron) ?? defaults.Weekly.Cron : defaults.Weekly.Cron,
                weekly.Take("time_zone") is { } zone ? ReadTimeZone(zone) ?? defaults.Weekly.TimeZone : defaults.Weekly.TimeZone),
        };
    }

    /// <summary>The defaults, with the severities that the file names changed.</summary>
    private static Dictionary<Severity, TimeSpan> ReadEvery(MappingCursor section, IReadOnlyDictionary<Severity, TimeSpan> defaults)
    {
        var every = new Dictionary<Severity, TimeSpan>(defaults);
        foreach (var (severity, value) in section.BySeverity())
        {
            if (value.Is(NoUpdates))
            {
                every.Remove(severity);
            }
            else if (value.Duration(Interval) is { } interval)
            {
                every[severity] = interval;
            }
        }

        return every;
    }

    private static string? ReadCron(ValueCursor value)
    {
        var text = value.Text();
        if (text is null || CronSchedule.TryParse(text, "UTC", out _, out var error))
        {
            return text;
        }

        value.Fail(error.TrimEnd('.'));
        return null;
    }

    private static string? ReadTimeZone(ValueCursor value)
    {
        var text = value.Text();
        if (text is null || CronSchedule.TryParse("0 0 * * *", text, out _, out var error))
        {
            return text;
        }

        value.Fail(error.TrimEnd('.'), Spelling.DidYouMean(text, TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.Id)));
        return null;
    }
}
