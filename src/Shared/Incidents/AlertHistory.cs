namespace Pipeline.Incidents;

/// <summary>An end that was received of an alert: with <paramref name="Start"/> it names a resolve, however often that is repeated.</summary>
/// <param name="At">When it was received last.</param>
/// <param name="Advances">How often it moved on with the time of receipt, as only a firing alert's end does. See <see cref="SlowClock"/>.</param>
/// <param name="IsApplied">The alert recovered by it, or fired only after it; it doesn't recover by it any more.</param>
public sealed record SeenEnd(DateTimeOffset Start, DateTimeOffset End, DateTimeOffset At, int Advances = 0, bool IsApplied = false);

/// <summary>One sender's word that an alert fires: of two Prometheus replicas each has a start of its own.</summary>
/// <param name="Until">When it counts as over unless it is sent again; null where the sender gives no such time.</param>
/// <param name="NamedNoEnd">Sent as Prometheus does, without one, which tells <see cref="SlowClock"/> that its ends are resolves.</param>
public sealed record SeenFiring(DateTimeOffset Start, DateTimeOffset? Until, bool NamedNoEnd = false);

/// <summary>What is remembered of an alert's messages beside its present state. Bounded: old ones are forgotten.</summary>
public sealed record AlertHistory
{
    /// <summary>Prometheus repeats a resolve for 15 minutes; an alert that comes and goes more often than this in that time has other problems.</summary>
    public const int MaxEnds = 8;

    /// <summary>Replicas of one Prometheus.</summary>
    public const int MaxFirings = 4;

    public static AlertHistory Empty { get; } = new();

    public IReadOnlyList<SeenEnd> Ends { get; init; } = [];

    public IReadOnlyList<SeenFiring> Firings { get; init; } = [];

    /// <summary>Whether this very resolve is <see cref="SeenEnd.IsApplied"/>.</summary>
    public bool WasApplied(DateTimeOffset start, DateTimeOffset? end) => Ends.Any(seen => seen.Start == start && seen.End == end && seen.IsApplied);

    public bool KnowsStart(DateTimeOffset start) => Firings.Any(firing => firing.Start == start);

    public bool NamedNoEnd(DateTimeOffset start) => Firings.Any(firing => firing.Start == start && firing.NamedNoEnd);

    /// <summary>
    /// Whether a sender with another start still has it firing at <paramref name="now"/>. The firing of the one that
    /// resolves needn't have been heard. A resolve that was sent without a start, so that its end stands for it, names no
    /// sender.
    /// </summary>
    public bool FiresElsewhere(DateTimeOffset start, DateTimeOffset? end, DateTimeOffset now) =>
        (start != end || KnowsStart(start)) && Firings.Any(firing => firing.Start != start && firing.Until > now);

    /// <param name="insteadOf">What it moved on from; null where it is an end of its own.</param>
    public AlertHistory With(SeenEnd end, SeenEnd? insteadOf = null) => this with
    {
        Ends = [.. Ends.Where(seen => seen != insteadOf && (seen.Start != end.Start || seen.End != end.End)).TakeLast(MaxEnds - 1), end],
    };

    public AlertHistory With(SeenFiring firing) =>
        this with { Firings = [.. Firings.Where(seen => seen.Start != firing.Start).TakeLast(MaxFirings - 1), firing] };

    /// <summary>It fired after <paramref name="before"/>: ends received until then aren't resolves of that.</summary>
    public AlertHistory FiredAfter(DateTimeOffset before) =>
        this with { Ends = [.. Ends.Select(seen => seen.At < before ? seen with { IsApplied = true } : seen)] };

    /// <summary>Nobody has it firing any more.</summary>
    public AlertHistory WithoutFirings() => this with { Firings = [.. Firings.Where(seen => seen.NamedNoEnd)] };

    /// <summary>The sender with this start has it firing no more.</summary>
    public AlertHistory WithoutFiring(DateTimeOffset start) =>
        this with { Firings = [.. Firings.Select(seen => seen.Start == start ? seen with { Until = null } : seen)] };
}
