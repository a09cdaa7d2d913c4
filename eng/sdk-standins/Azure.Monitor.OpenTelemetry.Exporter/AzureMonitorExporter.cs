using Azure.Core;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace Azure.Monitor.OpenTelemetry.Exporter;

/// <summary>https://learn.microsoft.com/dotnet/api/azure.monitor.opentelemetry.exporter.azuremonitorexporteroptions</summary>
public class AzureMonitorExporterOptions
{
    public string ConnectionString { get; set; } = "";

    public TokenCredential? Credential { get; set; }
}

/// <summary>Keeps the options and exports nothing. https://learn.microsoft.com/dotnet/api/azure.monitor.opentelemetry.exporter.opentelemetrybuilderextensions</summary>
public static class OpenTelemetryBuilderExtensions
{
    public static IOpenTelemetryBuilder UseAzureMonitorExporter(
        this IOpenTelemetryBuilder builder, Action<AzureMonitorExporterOptions> configureAzureMonitor)
    {
        builder.Services.Configure(configureAzureMonitor);
        return builder;
    }
}
