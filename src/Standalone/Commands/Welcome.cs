using Pipeline.Hosting;
using Pipeline.Standalone.Hosting;

namespace Pipeline.Standalone.Commands;

/// <summary>What a new user needs to know first.</summary>
internal static class Welcome
{
    /// <param name="urls">As the server listens, once it does.</param>
    /// <param name="machineName">Stands for an address such as 0.0.0.0, which nobody can call.</param>
    public static void Write(
        TextWriter output, IEnumerable<string> urls, string data, string configurationOrigin, PipelineConfiguration configuration, string machineName)
    {
        var addresses = urls.Select(url => (Url: url, Reachable: ListenAddresses.Reachable(url, machineName).GetLeftPart(UriPartial.Authority))).ToList();
        foreach (var (url, reachable) in addresses)
        {
            var by = string.Equals(url, reachable, StringComparison.OrdinalIgnoreCase) ? "" : $", reached by {reachable}";
            output.WriteLine($"Listening on {url}{by}");
        }

        var needsToken = configuration.Access.Tokens.Count > 0;
        if (!needsToken)
        {
            output.WriteLine("No token is configured, so only this machine may call. To serve other machines, or to run behind a proxy, add one under access.tokens.");
        }

        output.WriteLine($"Data in {data}, configuration from {configurationOrigin}.");
        output.WriteLine();
        output.WriteLine(HowToCall(addresses[0].Reachable, needsToken));
        output.WriteLine();
        output.WriteLine("Ctrl-C ends it.");
        output.Flush();
    }

    private static string HowToCall(string address, bool needsToken)
    {
        const string alert = """'[{"labels":{"alertname":"HighErrorRate","service":"checkout","severity":"critical"}}]'""";
        var header = needsToken ? " -H \"Authorization: Bearer $TOKEN\"" : "";
        var authorization = needsToken
            ? """

                        http_config:
                          authorization:
                            credentials_file: /etc/alertmanager/pipeline.token   # the token of a caller with the role ingest
              """
            : "";
        var whose = needsToken ? " (TOKEN is a token that may: roles ingest and viewer, or admin for both)" : "";
        return $"""
            Point Alertmanager here:
              receivers:
                - name: pipeline
                  webhook_configs:
                    - url: {address}/api/alerts/alertmanager
                      send_resolved: true{authorization}

            Or try it now{whose}:
              curl{header} -H 'Content-Type: application/json' {address}/api/v2/alerts -d {alert}
              curl{header} {address}/api/incidents
            """;
    }
}
