using System.Text;
using Pipeline.Alerts.Reading;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts.Reading;

public sealed class Rfc3339Tests
{
    public static TheoryData<string, string?> Texts => new()
    {
        // As amtool and Prometheus write it.
        { "2026-01-05T09:00:00.123Z", "2026-01-05T09:00:00.1230000+00:00" },

        // Without a fraction.
        { "2026-01-05T09:00:00Z", "2026-01-05T09:00:00.0000000+00:00" },

        // As Alertmanager writes it: nine digits; what is below 100 ns is dropped.
        { "2026-01-05T09:00:00.123456789Z", "2026-01-05T09:00:00.1234567+00:00" },

        // One digit is tenths.
        { "2026-01-05T09:00:00.5Z", "2026-01-05T09:00:00.5000000+00:00" },

        // An offset ahead of UTC.
        { "2026-01-05T09:00:00+05:30", "2026-01-05T03:30:00.0000000+00:00" },

        // An offset behind UTC, over midnight and with a fraction.
        { "2026-01-05T23:00:00.25-03:00", "2026-01-06T02:00:00.2500000+00:00" },

        // RFC 3339 allows lower case.
        { "2026-01-05t09:00:00z", "2026-01-05T09:00:00.0000000+00:00" },

        // A leap day.
        { "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000+00:00" },

        // Go's zero time.
        { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000+00:00" },

        // The last moment there is.
        { "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.9999999+00:00" },

        // No leap day.
        { "2026-02-29T00:00:00Z", null },

        // Months and days out of range.
        { "2026-13-01T00:00:00Z", null },
        { "2026-00-01T00:00:00Z", null },
        { "2026-01-00T00:00:00Z", null },
        { "2026-04-31T00:00:00Z", null },

        // Times out of range; a leap second.
        { "2026-01-05T24:00:00Z", null },
        { "2026-01-05T09:60:00Z", null },
        { "2016-12-31T23:59:60Z", null },

        // No offset: the time is nobody's.
        { "2026-01-05T09:00:00", null },

        // A space for the T.
        { "2026-01-05 09:00:00Z", null },

        // No digits after the point; ten of them; nothing after them.
        { "2026-01-05T09:00:00.Z", null },
        { "2026-01-05T09:00:00.1234567890Z", null },
        { "2026-01-05T09:00:00.123", null },

        // Offsets out of range, or written otherwise.
        { "2026-01-05T09:00:00+24:00", null },
        { "2026-01-05T09:00:00+01:60", null },
        { "2026-01-05T09:00:00+0100", null },
        { "2026-01-05T09:00:00+01", null },

        // Beyond what a clock can show, by the offset.
        { "0001-01-01T00:00:00+00:01", null },
        { "9999-12-31T23:59:59-00:01", null },

        // The year 0.
        { "0000-01-01T00:00:00Z", null },

        // Other ways to write a time, and none.
        { "1767603600", null },
        { "yesterday", null },
        { "", null },
        { "2026-01-05T09:00:00ZZ", null },
        { "2026-01-0５T09:00:00Z", null },
        { "-026-01-05T09:00:00Z", null },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Reads_what_RFC_3339_describes(string text, string? expected) =>
        Assert.Equal(expected, Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time) ? time.ToString("O") : null);
}
