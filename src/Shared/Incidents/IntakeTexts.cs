using System.Globalization;
using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>The words of the intake, for timeline and title. Names come from alerts, so each is one line of bounded length.</summary>
internal static class IntakeTexts
{
    private const int NamesInText = 3;
    private const int MaxTitle = 200;

    public static string NameOf(Alert alert) => Short(alert.Name.Length == 0 ? alert.Fingerprint : alert.Name);

    public static string Names(IReadOnlyList<IntakeItem> items) => Names(items.Select(item => NameOf(item.Alert)));

    /// <summary><c>A ×12, B and 3 more</c>.</summary>
    public static string Names(IEnumerable<string> names)
    {
        var groups = names.GroupBy(name => name, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ToList();
        var named = groups.Take(NamesInText).Select(group =>
            group.Count() == 1 ? group.Key : string.Create(CultureInfo.InvariantCulture, $"{group.Key} ×{group.Count()}"));
        var rest = groups.Skip(NamesInText).Sum(group => group.Count());
        var text = string.Join(", ", named);
        return rest == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text} and {rest} more");
    }

    public static string TitleOf(Alert alert)
    {
        var title = alert.Annotations.GetValueOrDefault("summary") ?? alert.Annotations.GetValueOrDefault("title") ?? alert.Name;
        return Short(string.IsNullOrWhiteSpace(title) ? $"Alert {alert.Fingerprint}" : title);
    }

    public static string SlowClock(IReadOnlyList<IntakeItem> items)
    {
        var behind = items.Max(item => item.Alert.ReceivedAt - item.End.Seen!.End);
        return $"Taken as firing: {Names(items)}. The sender's clock is slow by more than {DurationText.Of(behind)}: "
            + "the alert's end lay in the past and moved on with each resend. Set that clock.";
    }

    public static string HeardAgain(IReadOnlyList<(IntakeItem Item, TimeSpan Silence)> heard)
    {
        var longest = heard.Max(pair => pair.Silence);
        return $"Heard again after {DurationText.Of(longest)}: {Names([.. heard.Select(pair => pair.Item)])}.";
    }

    // One line, of bounded length: it goes to phones and into tables.
    public static string Short(string text) => MarkdownText.OneLine(text, MaxTitle);
}
