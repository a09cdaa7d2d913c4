using Pipeline.Hosting;

namespace Pipeline.Standalone.Commands;

/// <summary>What a new user needs to know first.</summary>
internal static class Welcome
{
    public static void Write(TextWriter output, IEnumerable<string> urls, string data, string configurationOrigin, PipelineConfiguration configuration)
    {
        var addresses = urls.ToList();
        foreach (var address in addresses)
        {
            output.WriteLine($"Listening on {address}");
        }

        if (configuration.Access.Tokens.Count == 0)
        {
            output.WriteLine("No token is configured, so only this machine may call. Add one under access.tokens to serve others, also behind a proxy.");
        }

        var first = addresses.FirstOrDefault() ?? "http://localhost:7071";
        output.WriteLine($"""
            Data in {data}, configuration from {configurationOrigin}.

            Point Alertmanager here:
              receivers:
                - name: pipeline
                  webhook_configs:
                    - url: {first}/api/alerts/alertmanager
                      send_resolved: true

            Or try it now:
              curl -H 'Content-Type: application/json' {first}/api/v2/alerts -d '[{"{"}"labels":{"{"}"alertname":"HighErrorRate","service":"checkout","severity":"critical"{"}"}{"}"}]'
              curl {first}/api/incidents

            Ctrl-C ends it.
            """);
        output.Flush();
    }
}
