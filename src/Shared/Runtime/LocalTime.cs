namespace Pipeline.Runtime;

/// <summary>The one answer to "when is nine o'clock there?", also on the two odd days of a year.</summary>
public static class LocalTime
{
    // No zone is further from UTC than this.
    private static readonly TimeSpan WidestOffset = TimeSpan.FromHours(14);

    /// <summary>
    /// The instant at which the clocks of <paramref name="zone"/> first show <paramref name="local"/> or later: a time that exists twice
    /// is the earlier one, a time that clocks skip is the moment right after the gap. Later local times never give earlier instants.
    /// </summary>
    /// <returns>With the zone's offset at that instant.</returns>
    public static DateTimeOffset ToInstant(DateTime local, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(local))
        {
            return AfterGap(local, zone);
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }

    /// <summary>The first instant of a day, which is not midnight where clocks skip it.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone) => ToInstant(day.ToDateTime(TimeOnly.MinValue), zone);

    private static DateTimeOffset AfterGap(DateTime skipped, TimeZoneInfo zone)
    {
        // Around a gap local time only grows, so the first instant past it can be found by halving.
        var before = skipped.Ticks - WidestOffset.Ticks;
        var after = skipped.Ticks + WidestOffset.Ticks;
        while (after - before > 1)
        {
            var middle = before + ((after - before) / 2);
            if (AtUtc(middle).DateTime >= skipped)
            {
                after = middle;
            }
            else
            {
                before = middle;
            }
        }

        return AtUtc(after);

        DateTimeOffset AtUtc(long ticks) => TimeZoneInfo.ConvertTime(new DateTimeOffset(ticks, TimeSpan.Zero), zone);
    }
}
