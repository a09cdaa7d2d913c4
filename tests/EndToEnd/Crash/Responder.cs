using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd.Crash;

/// <summary>Acknowledges the incidents of the services whose fate that is, each at a random time, and notes when the answer came.</summary>
internal sealed class Responder(Random random, PipelineApi api)
{
    private readonly Dictionary<string, DateTimeOffset> acknowledged = new(StringComparer.Ordinal);

    /// <summary>By incident id, when the first 2xx came.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Acknowledged => acknowledged;

    /// <summary>Goes on until every such service is acknowledged.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var waiting = CrashPlan.Services
            .Where(service => service.Fate == ServiceFate.Acknowledged)
            .ToDictionary(service => service.Name, _ => TimeSpan.FromSeconds(random.Next(1, 20)), StringComparer.Ordinal);
        while (waiting.Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
            foreach (var incident in await OpenIncidentsAsync(cancellationToken))
            {
                var now = TimeProvider.System.GetUtcNow();
                if (waiting.TryGetValue(incident.Service, out var after) && now - incident.DetectedAt > after && await AcknowledgeAsync(incident, cancellationToken))
                {
                    waiting.Remove(incident.Service);
                }
            }
        }
    }

    private async Task<IReadOnlyList<IncidentView>> OpenIncidentsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await api.IncidentsAsync("open", cancellationToken);
        }
        catch (Exception down) when (down is HttpRequestException or IOException)
        {
            return [];
        }
    }

    private async Task<bool> AcknowledgeAsync(IncidentView incident, CancellationToken cancellationToken)
    {
        try
        {
            await api.CommandAsync(incident.Id, "acknowledge", new { by = "responder" }, cancellationToken, $"acknowledge {incident.Id}");
            acknowledged.Add(incident.Id, TimeProvider.System.GetUtcNow());
            return true;
        }
        catch (Exception down) when (down is HttpRequestException { StatusCode: null } or IOException)
        {
            return false;
        }
    }
}
