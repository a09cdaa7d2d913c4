using System.Globalization;
using Pipeline.Alerts;
using Pipeline.Alerts.Reading;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts.Reading;

public sealed class AlertTimesTests
{
    private static readonly DateTimeOffset Received = At("2026-01-05T09:00:00Z")!.Value;

    public static TheoryData<AlertStatus?, string?, string?, AlertStatus, string> Acceptable => new()
    {
        // Stated: the end says nothing about the status.
        { AlertStatus.Firing, "2026-01-05T08:00:00Z", "2026-01-05T08:30:00Z", AlertStatus.Firing, "2026-01-05T08:00:00Z" },

        // Stated resolved, without an end.
        { AlertStatus.Resolved, "2026-01-05T08:00:00Z", null, AlertStatus.Resolved, "2026-01-05T08:00:00Z" },

        // By end: still ahead, so it fires.
        { null, "2026-01-05T08:00:00Z", "2026-01-05T09:04:00Z", AlertStatus.Firing, "2026-01-05T08:00:00Z" },

        // By end: passed.
        { null, "2026-01-05T08:00:00Z", "2026-01-05T08:59:00Z", AlertStatus.Resolved, "2026-01-05T08:00:00Z" },

        // By end: this very moment.
        { null, "2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z", AlertStatus.Resolved, "2026-01-05T08:00:00Z" },

        // By end: none.
        { null, "2026-01-05T08:00:00Z", null, AlertStatus.Firing, "2026-01-05T08:00:00Z" },

        // No start: the time of receipt.
        { null, null, null, AlertStatus.Firing, "2026-01-05T09:00:00Z" },
        { null, null, "2026-01-05T09:05:00Z", AlertStatus.Firing, "2026-01-05T09:00:00Z" },

        // No start, and an end before the receipt: the end.
        { null, null, "2026-01-05T08:00:00Z", AlertStatus.Resolved, "2026-01-05T08:00:00Z" },

        // Start and end are the same.
        { null, "2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z", AlertStatus.Resolved, "2026-01-05T08:00:00Z" },
    };

    public static TheoryData<AlertStatus?, string?, string?, AlertStatus, string, string?, string?, string> Odd => new()
    {
        // A start a moment ahead, as clocks differ: the receipt counts, the start sent is kept, and nothing needs saying.
        { AlertStatus.Firing, "2026-01-05T09:01:00Z", null, AlertStatus.Firing, "2026-01-05T09:00:00Z", null, "2026-01-05T09:01:00Z", "None" },

        // More than a minute ahead: said. A century ahead likewise.
        { AlertStatus.Firing, "2026-01-05T09:01:01Z", null, AlertStatus.Firing, "2026-01-05T09:00:00Z", null, "2026-01-05T09:01:01Z", "StartAhead" },
        { null, "2126-01-05T09:00:00Z", null, AlertStatus.Firing, "2026-01-05T09:00:00Z", null, "2126-01-05T09:00:00Z", "StartAhead" },

        // A resolve that ends before it began is one that began at its end, however its status is known.
        { AlertStatus.Resolved, "2026-01-05T08:00:00Z", "2026-01-05T07:59:59Z", AlertStatus.Resolved, "2026-01-05T07:59:59Z", "2026-01-05T07:59:59Z", "2026-01-05T08:00:00Z", "EndBeforeStart" },
        { null, "2026-01-05T08:00:00Z", "2026-01-05T07:59:59Z", AlertStatus.Resolved, "2026-01-05T07:59:59Z", "2026-01-05T07:59:59Z", "2026-01-05T08:00:00Z", "EndBeforeStart" },

        // The same with a start that lies ahead.
        { AlertStatus.Resolved, "2026-01-05T09:10:00Z", "2026-01-05T08:59:00Z", AlertStatus.Resolved, "2026-01-05T08:59:00Z", "2026-01-05T08:59:00Z", "2026-01-05T09:10:00Z", "EndBeforeStart" },
        { null, "2026-01-05T09:00:01Z", "2026-01-05T08:59:00Z", AlertStatus.Resolved, "2026-01-05T08:59:00Z", "2026-01-05T08:59:00Z", "2026-01-05T09:00:01Z", "EndBeforeStart" },

        // A resolve without a start and with an end that lies ahead.
        { AlertStatus.Resolved, null, "2026-01-05T09:10:00Z", AlertStatus.Resolved, "2026-01-05T09:00:00Z", "2026-01-05T09:10:00Z", "2026-01-05T09:10:00Z", "None" },

        // What fires hasn't ended before it began.
        { AlertStatus.Firing, "2026-01-05T08:00:00Z", "2026-01-05T07:59:59Z", AlertStatus.Firing, "2026-01-05T08:00:00Z", null, null, "EndBeforeStart" },
        { AlertStatus.Firing, null, "2026-01-05T08:59:59Z", AlertStatus.Firing, "2026-01-05T09:00:00Z", null, null, "EndBeforeStart" },
    };

    [Theory]
    [MemberData(nameof(Acceptable))]
    public void Settles_status_and_start(AlertStatus? stated, string? startsAt, string? endsAt, AlertStatus status, string start) =>
        Assert.Equal(new AlertTimes(status, At(start)!.Value, At(endsAt)), AlertTimes.Judge(stated, At(startsAt), At(endsAt), Received));

    [Theory]
    [MemberData(nameof(Odd))]
    public void Mends_what_can_not_be(
        AlertStatus? stated, string? startsAt, string? endsAt, AlertStatus status, string start, string? end, string? sent, string mended) =>
        Assert.Equal(
            new AlertTimes(status, At(start)!.Value, At(end), At(sent), Enum.Parse<TimesMended>(mended)),
            AlertTimes.Judge(stated, At(startsAt), At(endsAt), Received));

    [Theory]

    // The start ahead, and the end before it; the same by the end alone; no start.
    [InlineData(AlertStatus.Resolved, "2026-01-05T09:10:00Z", "2026-01-05T08:59:00Z")]
    [InlineData(null, "2026-01-05T09:10:00Z", "2026-01-05T08:59:00Z")]
    [InlineData(null, "2026-01-05T09:00:05Z", "2026-01-05T08:59:00Z")]
    [InlineData(AlertStatus.Resolved, null, "2026-01-05T09:10:00Z")]

    // The end before a start that has come.
    [InlineData(null, "2026-01-05T08:00:00Z", "2026-01-05T07:00:00Z")]
    public void D9_A_resolve_that_is_repeated_has_the_same_start_and_end_each_time(AlertStatus? stated, string? startsAt, string endsAt)
    {
        var times = Enumerable.Range(0, 3).Select(minute => AlertTimes.Judge(stated, At(startsAt), At(endsAt), Received.AddMinutes(minute)));
        Assert.Single(times.Select(each => (each.Status, each.SentStartsAt ?? each.StartsAt, each.EndsAt)).Distinct());
    }

    private static DateTimeOffset? At(string? text) => text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
