using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace OpenTelemetry
{
    /// <summary>Of the package OpenTelemetry. https://github.com/open-telemetry/opentelemetry-dotnet/tree/main/src/OpenTelemetry</summary>
    public interface IOpenTelemetryBuilder
    {
        IServiceCollection Services { get; }
    }

    /// <summary>Of the package OpenTelemetry.Extensions.Hosting, which the official worker package brings.</summary>
    public sealed class OpenTelemetryBuilder : IOpenTelemetryBuilder
    {
        internal OpenTelemetryBuilder(IServiceCollection services) => Services = services;

        public IServiceCollection Services { get; }
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>https://github.com/open-telemetry/opentelemetry-dotnet/tree/main/src/OpenTelemetry.Extensions.Hosting</summary>
    public static class OpenTelemetryServicesExtensions
    {
        public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services) => new(services);
    }
}

namespace Microsoft.Azure.Functions.Worker.OpenTelemetry
{
    /// <summary>https://learn.microsoft.com/azure/azure-functions/opentelemetry-howto</summary>
    public static class ConfigureFunctionsOpenTelemetry
    {
        public static IOpenTelemetryBuilder UseFunctionsWorkerDefaults(this IOpenTelemetryBuilder builder) => builder;
    }
}
