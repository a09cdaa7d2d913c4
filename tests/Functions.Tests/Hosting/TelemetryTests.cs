using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.Functions.Hosting;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

public sealed class TelemetryTests
{
    [Theory]
    // As infra/ sets it.
    [InlineData("ClientId=7b1c;Authorization=AAD", typeof(ManagedIdentityCredential))]
    [InlineData(" authorization=aad ; clientid=7b1c ", typeof(ManagedIdentityCredential))]
    // A system-assigned identity.
    [InlineData("Authorization=AAD", typeof(DefaultAzureCredential))]
    // Nothing that asks for one.
    [InlineData("ClientId=7b1c", null)]
    [InlineData("nonsense", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Who_the_app_is_to_Application_Insights(string? authentication, Type? expected) =>
        Assert.Equal(expected, Telemetry.CredentialFor(authentication)?.GetType());

    [Fact]
    public void Without_a_connection_string_nothing_is_registered() => Assert.Empty(With([]));

    [Fact]
    public void With_one_the_exporter_is_told_where_and_as_whom()
    {
        using var provider = With(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [AzureSettings.ApplicationInsights] = "InstrumentationKey=00000000-0000-0000-0000-000000000000",
            [AzureSettings.ApplicationInsightsAuthentication] = "ClientId=7b1c;Authorization=AAD",
        }).BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<AzureMonitorExporterOptions>>().Value;
        Assert.StartsWith("InstrumentationKey=", options.ConnectionString, StringComparison.Ordinal);
        Assert.IsType<ManagedIdentityCredential>(options.Credential);
    }

    private static IServiceCollection With(Dictionary<string, string?> settings) =>
        new ServiceCollection().AddTelemetry(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
