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

        // A clock a day ahead is borne.
        { AlertStatus.Firing, "2026-01-06T09:00:00Z", null, AlertStatus.Firing, "2026-01-06T09:00:00Z" },
    };

    public static TheoryData<string?, string?, AlertFault> Refused => new()
    {
        // A clock more than a day ahead.
        { "2026-01-06T09:00:01Z", null, AlertFault.StartsInFuture },

        // Over before it began.
        { "2026-01-05T08:00:00Z", "2026-01-05T07:59:59Z", AlertFault.EndsBeforeStart },
    };

    [Theory]
    [MemberData(nameof(Acceptable))]
    public void Settles_status_and_start(AlertStatus? stated, string? startsAt, string? endsAt, AlertStatus status, string start)
    {
        Assert.Null(AlertTimes.Judge(stated, At(startsAt), At(endsAt), Received, out var times));

        Assert.Equal(new AlertTimes(status, At(start)!.Value, At(endsAt)), times);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Refuses_what_can_not_be(string? startsAt, string? endsAt, AlertFault expected) =>
        Assert.Equal(expected, AlertTimes.Judge(AlertStatus.Firing, At(startsAt), At(endsAt), Received, out _));

    private static DateTimeOffset? At(string? text) => text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
