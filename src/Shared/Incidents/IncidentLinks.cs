namespace Pipeline.Incidents;

/// <summary>Where people read on about an incident.</summary>
internal static class IncidentLinks
{
    public static Uri To(Uri baseUrl, string incidentId) => new(baseUrl, $"/api/incidents/{Uri.EscapeDataString(incidentId)}");
}
