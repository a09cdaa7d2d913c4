using System.Globalization;
using Pipeline.Incidents;

namespace Pipeline.Escalation;

/// <summary>Says on the timeline how an escalation ended.</summary>
internal static class EscalationEndText
{
    private const string Sent = ":sent";
    private static readonly string[] NotSent = [":retrying", ":failed"];

    /// <summary>Returns the sentence. Where nobody acknowledged, it tells how many of the escalation's pages reached nobody.</summary>
    /// <param name="escalation">The instance whose entries count, and what came after its first one.</param>
    public static string Of(EscalationOutcome outcome, string escalation, IReadOnlyList<TimelineEntry> timeline) => outcome switch
    {
        EscalationOutcome.Acknowledged => "Escalation ended: acknowledged.",
        EscalationOutcome.Resolved => "Escalation ended: resolved.",
        EscalationOutcome.Superseded => "Escalation ended: a newer one took over.",
        EscalationOutcome.NoLongerPages => "Escalation ended: this severity wakes nobody.",
        EscalationOutcome.NobodyToPage => "Escalation ended: its policy names nobody to page.",
        _ => Unanswered([.. timeline.SkipWhile(entry => entry.Key?.StartsWith($"{escalation}:", StringComparison.Ordinal) != true)]),
    };

    private static string Unanswered(IReadOnlyList<TimelineEntry> timeline)
    {
        var reached = timeline.Where(entry => entry.Kind == TimelineKind.PageSent).Select(entry => PageOf(entry, Sent)).ToHashSet(StringComparer.Ordinal);
        var lost = timeline.Where(entry => entry.Kind == TimelineKind.PageFailed)
            .SelectMany(entry => NotSent.Select(ending => PageOf(entry, ending)))
            .OfType<string>()
            .Except(reached, StringComparer.Ordinal)
            .Count();
        return (reached.Count, lost) switch
        {
            (0, 0) => "Escalation ended: nobody acknowledged, and no page is known to have reached anybody.",
            (0, 1) => "Escalation ended: its only page reached nobody.",
            (0, _) => string.Create(CultureInfo.InvariantCulture, $"Escalation ended: none of its {lost} pages reached anybody."),
            (_, 0) => "Escalation ended: every level was paged and nobody acknowledged.",
            var (some, others) => string.Create(
                CultureInfo.InvariantCulture, $"Escalation ended: nobody acknowledged. {others} of {some + others} pages reached nobody."),
        };
    }

    // The receipt's key is the page's and its state.
    private static string? PageOf(TimelineEntry receipt, string ending) =>
        receipt.Key is { } key && key.EndsWith(ending, StringComparison.Ordinal) ? key[..^ending.Length] : null;
}
