using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.builder.functionsapplication</summary>
public static class FunctionsApplication
{
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}

/// <summary>
/// Puts an application together and can't run it: the worker talks to the Functions host, which only the official package can.
/// https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.builder.functionsapplicationbuilder
/// </summary>
public class FunctionsApplicationBuilder
{
    private readonly HostApplicationBuilder inner;

    internal FunctionsApplicationBuilder(string[] args) => inner = Host.CreateApplicationBuilder(args);

    public ConfigurationManager Configuration => inner.Configuration;

    public IHostEnvironment Environment => inner.Environment;

    public ILoggingBuilder Logging => inner.Logging;

    public IServiceCollection Services => inner.Services;

    public IHost Build() => inner.Build();
}
