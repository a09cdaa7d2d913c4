using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Pipeline.Functions.Hosting;

/// <summary>The app's own logs and traces, beside the host's, to Application Insights. Without its connection string none leave.</summary>
internal static class Telemetry
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration settings)
    {
        if (settings[AzureSettings.ApplicationInsights] is { Length: > 0 } connectionString)
        {
            services.AddOpenTelemetry().UseFunctionsWorkerDefaults().UseAzureMonitorExporter(options =>
            {
                options.ConnectionString = connectionString;

                // Most invocations aren't sampled, and the host forwards no log of a worker that has telemetry of its own: with this
                // on, what is logged inside functions would reach nobody.
                options.EnableTraceBasedLogsSampler = false;
                options.Credential = CredentialFor(settings[AzureSettings.ApplicationInsightsAuthentication]);
            });
        }

        return services;
    }

    /// <summary>
    /// The host reads the setting by itself, the exporter doesn't. Null where it doesn't ask for an identity: then the connection string alone counts.
    /// </summary>
    /// <param name="authentication"><c>ClientId=…;Authorization=AAD</c>, or without the client id for a system-assigned identity.</param>
    public static TokenCredential? CredentialFor(string? authentication)
    {
        var parts = (authentication ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToDictionary(part => part[0], part => part[1], StringComparer.OrdinalIgnoreCase);
        return string.Equals(parts.GetValueOrDefault("Authorization"), "AAD", StringComparison.OrdinalIgnoreCase)
            ? AzureCredential.Of(parts.GetValueOrDefault("ClientId"))
            : null;
    }
}
