using Pipeline.Incidents;
using Pipeline.Reports;
using Xunit;
using static Pipeline.Tests.Support.SampleIncident;

namespace Pipeline.Shared.Tests.Reports;

public sealed class WeeklyReviewMarkdownTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly ReviewPolicy Policy = new(new Uri("https://pipeline.example"), [Severity.Sev1, Severity.Sev2]);

    [Fact]
    public void A_full_week_reads_like_this()
    {
        var reopened = Create(9, Severity.Sev3, "2026-03-27T06:00Z", acknowledged: "2026-03-27T06:20Z", service: "search", title: "Index is stale") with
        {
            Round = 2,
            RoundStartedAt = At("2026-03-28T06:00Z"),
        };
        var text = Render(
            At("2026-03-30T07:00Z"),
            Create(
                7,
                Severity.Sev1,
                "2026-03-24T13:30Z",
                "2026-03-24T13:26Z",
                "2026-03-24T13:32:30Z",
                "2026-03-24T14:49Z",
                title: "Checkout fails for 12 % of orders",
                commander: "alice"),
            Create(8, Severity.Sev2, "2026-03-29T21:00Z", resolved: "2026-03-29T23:30Z", title: "Slow logins", service: "login", commander: "bob"),
            reopened,
            Create(4, Severity.Sev2, "2026-03-20T10:00Z", "2026-03-20T09:50Z", "2026-03-20T10:06Z", "2026-03-23T12:00Z", "mail", "Mail is late", "carol"));
        Assert.Equal(
            """
            # Weekly review, 23 March to 29 March 2026

            **3 incidents: 1 SEV-1, 1 SEV-2, 1 SEV-3. 1 came over from earlier weeks, 1 reopened, 2 still open when the week ended. Missed: SEV-1 MTTR 1 h 23 min (target under 1 h), SEV-2 MTTR 3 d 2 h (target under 4 h).**

            The week runs from Mon 2026-03-23 00:00 to Mon 2026-03-30 00:00, times in Europe/Berlin; clocks changed, it had 167 hours. An incident counts in the week it was detected; a mean counts what was acknowledged or resolved in the week.

            ## By severity

            | Severity | Incidents | Detected (MTTD) | Acknowledged (MTTA) | Resolved (MTTR) |
            | --- | ---: | --- | --- | --- |
            | SEV-1 | 1 | 4 min of 1 (target < 5 min, met) | 2 min 30 s of 1 (target < 5 min, met) | 1 h 23 min of 1 (target < 1 h, **missed**) |
            | SEV-2 | 1 | 0 s of 1 | – (target < 15 min) | 3 d 2 h of 1 (target < 4 h, **missed**) |
            | SEV-3 | 1 | 0 s of 1 | 20 min of 1 | – |
            | SEV-4 | 0 | – | – | – |
            | All | 3 | 1 min 20 s of 3 | 11 min 15 s of 2 | 1 d 13 h of 2 |

            ## By service

            | Service | Incidents | SEV-1 | SEV-2 | SEV-3 | SEV-4 | Resolved (MTTR) |
            | --- | ---: | ---: | ---: | ---: | ---: | --- |
            | checkout | 1 | 1 | 0 | 0 | 0 | 1 h 23 min of 1 |
            | login | 1 | 0 | 1 | 0 | 0 | – |
            | search | 1 | 0 | 0 | 1 | 0 | – |

            ## Incidents

            - **SEV-1** [INC-7](https://pipeline.example/api/incidents/INC-7) Checkout fails for 12 % of orders: checkout, detected Tue 2026-03-24 14:30, took 1 h 23 min, commander alice, postmortem owed
            - **SEV-2** [INC-8](https://pipeline.example/api/incidents/INC-8) Slow logins: login, detected Sun 2026-03-29 23:00, open when the week ended, resolved Mon 2026-03-30 01:30 after 2 h 30 min, commander bob, postmortem owed once resolved
            - **SEV-3** [INC-9](https://pipeline.example/api/incidents/INC-9) Index is stale: search, detected Fri 2026-03-27 07:00, open for 2 d 16 h when the week ended, no commander, reopened

            ## From earlier weeks

            - **SEV-2** [INC-4](https://pipeline.example/api/incidents/INC-4) Mail is late: mail, detected Fri 2026-03-20 11:00, took 3 d 2 h, commander carol, postmortem owed

            """,
            text);
    }

    [Fact]
    public void A_quiet_week_says_so() => Assert.Equal(
        """
        # Weekly review, 29 December 2025 to 4 January 2026

        **A quiet week: no incident was detected.**

        The week runs from Mon 2025-12-29 00:00 to Mon 2026-01-05 00:00, times in Europe/Berlin. An incident counts in the week it was detected; a mean counts what was acknowledged or resolved in the week.

        ## By severity

        | Severity | Incidents | Detected (MTTD) | Acknowledged (MTTA) | Resolved (MTTR) |
        | --- | ---: | --- | --- | --- |
        | SEV-1 | 0 | – (target < 5 min) | – (target < 5 min) | – (target < 1 h) |
        | SEV-2 | 0 | – | – (target < 15 min) | – (target < 4 h) |
        | SEV-3 | 0 | – | – | – |
        | SEV-4 | 0 | – | – | – |
        | All | 0 | – | – | – |

        """,
        Render(At("2026-01-05T09:00Z")));

    [Fact]
    public void Text_from_outside_brings_no_markup()
    {
        const string Hostile = "x](https://evil.example) <img src=x onerror=a> | y |\n\n# z `c` www.evil.example";
        var text = Render(
            At("2026-01-05T09:00Z"),
            Create(1, Severity.Sev1, "2025-12-30T10:00Z", title: Hostile, service: Hostile, commander: Hostile));
        Assert.DoesNotContain("](https://evil", text, StringComparison.Ordinal);
        Assert.DoesNotContain("https://evil", text, StringComparison.Ordinal);
        Assert.DoesNotContain("www.evil", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\n# z", text, StringComparison.Ordinal);

        // The service's row still has its seven cells.
        var row = text.Split('\n').Single(line => line.StartsWith("| x", StringComparison.Ordinal));
        Assert.Equal(8, row.Replace(@"\|", "", StringComparison.Ordinal).Count(character => character == '|'));
    }

    [Fact]
    public void What_isn_t_listed_is_counted()
    {
        var storm = Enumerable.Range(1, 142).Select(i => Create(
            i, Severity.Sev4, "2025-12-30T10:00Z", service: FormattableString.Invariant($"service-{i % 21}")));
        var text = Render(At("2026-01-05T09:00Z"), [.. storm]);
        Assert.Contains("\nAnd 42 more, none of them worse.\n", text, StringComparison.Ordinal);
        Assert.Contains("\nAnd 1 more service.\n", text, StringComparison.Ordinal);
    }

    private static string Render(DateTimeOffset at, params Incident[] incidents) =>
        WeeklyReviewMarkdown.Render(WeeklyReviewMetrics.Compute(incidents, ReviewPeriod.WeekBefore(at, Berlin), Policy), PeopleNames.None);
}
