
namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>https://learn.microsoft.com/azure/azure-functions/dotnet-isolated-process-guide#aspnet-core-integration</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder) => builder;
}
