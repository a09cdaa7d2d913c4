using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Reports;

/// <summary>Names a report: its kind and the day it is made for, e.g. <c>weekly-2026-01-05</c>. A period of a kind has one report.</summary>
/// <param name="Kind">Lower-case letters, e.g. <c>weekly</c>.</param>
/// <param name="Day">The day after the last of its period.</param>
[JsonConverter(typeof(ReportIdJsonConverter))]
public sealed record ReportId(string Kind, DateOnly Day)
{
    private const string DayFormat = "yyyy-MM-dd";

    /// <summary>Rows are read in the order of their keys, so days count backwards: the newest report comes first.</summary>
    internal string RowKey => string.Create(CultureInfo.InvariantCulture, $"{DateOnly.MaxValue.DayNumber - Day.DayNumber:D7}|{Kind}");

    public static bool TryParse(string? text, [NotNullWhen(true)] out ReportId? id)
    {
        id = null;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash < 1
            || text.AsSpan(0, dash).ContainsAnyExceptInRange('a', 'z')
            || !DateOnly.TryParseExact(text.AsSpan(dash + 1), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return false;
        }

        id = new ReportId(text![..dash], day);
        return true;
    }

    public override string ToString() => $"{Kind}-{Day.ToString(DayFormat, CultureInfo.InvariantCulture)}";
}

internal sealed class ReportIdJsonConverter : JsonConverter<ReportId>
{
    public override ReportId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        return ReportId.TryParse(text, out var id) ? id : throw new JsonException($"'{text}' is no report id; expected one like weekly-2026-01-05.");
    }

    public override void Write(Utf8JsonWriter writer, ReportId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
