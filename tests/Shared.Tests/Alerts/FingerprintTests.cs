using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

public sealed class FingerprintTests
{
    /// <summary>Values that Alertmanager 0.25.0 gave on GET /api/v2/alerts for alerts with these labels.</summary>
    public static TheoryData<string, string[]> FromAlertmanager => new()
    {
        // The least an alert can have.
        { "744e61ca074bea90", ["alertname", "DiskFull"] },

        // The usual labels, not in order.
        { "11dace002647a65f", ["alertname", "HighErrorRate", "service", "checkout", "environment", "production", "severity", "critical"] },

        // Text beyond ASCII and beyond the basic plane, quotes and backslash; an empty label counts as absent.
        { "2c78cc6a0c5e853d", ["severity", "warning", "alertname", "Größe", "instance", "10.0.0.7:8080", "note", "日本語 \"quoted\" \\ ⚠ 🔥", "empty", ""] },

        // Names whose order depends on case, digits, underscore and length.
        { "08102ae9c38c0bc7", ["alertname", "A", "B", "upper", "a_b", "1", "a", "2", "_x", "3", "a1", "4"] },

        // A long value.
        { "2b90b560df979c3f", ["alertname", "Long", "text", new string('x', 300)] },
    };

    [Theory]
    [MemberData(nameof(FromAlertmanager))]
    public void Is_what_Alertmanager_computes(string expected, string[] labels) =>
        Assert.Equal(expected, Fingerprint.Of(Pairs(labels)));

    [Fact]
    public void Names_are_sorted_by_their_UTF8_bytes_not_by_UTF16()
    {
        // U+FF5E comes before U+1F525 as UTF-8 and as code point, and after its surrogates as UTF-16.
        string[] labels = ["\U0001F525", "1", "\uFF5E", "2", "a", "3"];

        Assert.Equal(ByDefinition(["a", "3", "\uFF5E", "2", "\U0001F525", "1"]), Fingerprint.Of(Pairs(labels)));
    }

    [Fact]
    public void Order_of_labels_does_not_matter() =>
        Prop.ForAll<Dictionary<NonEmptyString, NonEmptyString>>(labels =>
        {
            var plain = WithPlainText(labels);
            return Fingerprint.Of(plain) == Fingerprint.Of(new Dictionary<string, string>(plain.Reverse(), StringComparer.Ordinal));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Another_value_is_another_alert() =>
        Prop.ForAll<Dictionary<NonEmptyString, NonEmptyString>, NonEmptyString>((labels, other) =>
        {
            var plain = WithPlainText(labels);
            var before = new Dictionary<string, string>(plain, StringComparer.Ordinal) { ["alertname"] = "one" };
            var after = new Dictionary<string, string>(plain, StringComparer.Ordinal) { ["alertname"] = "one" + Plain(other) };
            return Fingerprint.Of(before) != Fingerprint.Of(after);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Text_moved_from_a_name_to_its_value_is_another_alert() =>
        Assert.NotEqual(Fingerprint.Of(Pairs(["ab", "c"])), Fingerprint.Of(Pairs(["a", "bc"])));

    private static Dictionary<string, string> WithPlainText(Dictionary<NonEmptyString, NonEmptyString> labels) =>
        labels.DistinctBy(label => Plain(label.Key), StringComparer.Ordinal)
            .ToDictionary(label => Plain(label.Key), label => Plain(label.Value), StringComparer.Ordinal);

    /// <summary>Random text may have lone surrogates, which no JSON reader lets through.</summary>
    private static string Plain(NonEmptyString text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));

    private static Dictionary<string, string> Pairs(string[] labels) =>
        labels.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    /// <summary>The definition word for word, over labels already sorted.</summary>
    private static string ByDefinition(string[] sorted)
    {
        var hash = 14695981039346656037UL;
        foreach (var text in sorted)
        {
            foreach (var value in (byte[])[.. Encoding.UTF8.GetBytes(text), 0xFF])
            {
                hash = (hash ^ value) * 1099511628211UL;
            }
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
