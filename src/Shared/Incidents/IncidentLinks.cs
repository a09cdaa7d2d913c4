namespace Pipeline.Incidents;

/// <summary>Where people read on about an incident.</summary>
internal static class IncidentLinks
{
    /// <summary>The address of a program on this machine that nobody told where it is reached.</summary>
    private static readonly Uri Local = new("http://localhost:7071");

    /// <param name="baseUrl">May have a path, which is kept; null is this machine.</param>
    public static Uri To(Uri? baseUrl, string incidentId) =>
        new($"{(baseUrl ?? Local).GetLeftPart(UriPartial.Path).TrimEnd('/')}/api/incidents/{Uri.EscapeDataString(incidentId)}");
}
