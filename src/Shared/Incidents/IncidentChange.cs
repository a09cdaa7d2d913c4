using System.Globalization;

namespace Pipeline.Incidents;

/// <summary>
/// What one step does to an incident, gathered before anything is written: the new head, alerts, timeline entries and signals.
/// Knows no store; the functions that fill it are pure.
/// </summary>
public sealed class IncidentChange
{
    /// <summary>When a change has more bytes of alerts, no other is added: one batch is 2 MiB at most, and one alert 240 KB.</summary>
    public const int MaxAlertBytes = 1024 * 1024;

    private readonly List<TimelineEntry> entries = [];
    private readonly Dictionary<string, IncidentAlert> alerts = new(StringComparer.Ordinal);
    private readonly DateTimeOffset now;

    public IncidentChange(Incident before, DateTimeOffset now)
    {
        Before = before;
        Head = before;
        this.now = now;
    }

    public Incident Before { get; }

    public Incident Head { get; set; }

    public DateTimeOffset Now => now;

    public IReadOnlyList<TimelineEntry> Entries => entries;

    public IReadOnlyDictionary<string, IncidentAlert> Alerts => alerts;

    public bool IsEmpty => entries.Count == 0 && alerts.Count == 0 && ReferenceEquals(Before, Head);

    /// <summary>How the texts call people; what is stored beside them keeps the id.</summary>
    public PeopleNames Names { get; init; } = PeopleNames.None;

    /// <summary>The program that passed a person's command on; stands behind the person's name on the timeline.</summary>
    public string? Via { get; set; }

    /// <summary>Makes the whole change one that exists once, as a key given to <see cref="Log"/> does.</summary>
    public string? KeyOfFirstEntry { get; set; }

    /// <param name="key">Given where the step may run twice: the entry, and all that is written with it, then exists once.</param>
    public void Log(TimelineKind kind, string text, string? by = null, string? key = null)
    {
        var entryKey = key ?? (entries.Count == 0 ? KeyOfFirstEntry : null);
        entries.Add(new TimelineEntry(Head.NextEntry, now, kind, text, PeopleNames.Author(by, Via), entryKey));
        Head = Head with { NextEntry = Head.NextEntry + 1 };
    }

    /// <summary>Tells the subscribers of the entry logged last.</summary>
    public void Signal(IncidentSignalKind kind, string? by = null, string? note = null, DateTimeOffset? holdPageUntil = null)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{Head.Id}:{Head.NextEntry - 1}");
        Head = Head with { Signals = [.. Head.Signals, new IncidentSignal(id, kind, now, Head.Round, Head.EscalationRound, by, note, holdPageUntil)] };
    }

    /// <summary>Takes everything back: a refused command leaves no trace.</summary>
    public void Discard()
    {
        Head = Before;
        entries.Clear();
        alerts.Clear();
    }

    public void Put(IncidentAlert alert) => alerts[alert.Fingerprint] = alert;
}
