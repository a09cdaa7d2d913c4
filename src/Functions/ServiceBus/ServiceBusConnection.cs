using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;
using Pipeline.Functions.Hosting;

namespace Pipeline.Functions.ServiceBus;

/// <summary>The client that sends, by the same settings as the triggers' connection.</summary>
internal static class ServiceBusConnection
{
    /// <exception cref="InvalidOperationException">The settings are missing; the message names them.</exception>
    public static ServiceBusClient Create(IConfiguration configuration)
    {
        var section = configuration.GetSection(AzureSettings.ServiceBus);
        return (section.Value, section["fullyQualifiedNamespace"]) switch
        {
            ({ Length: > 0 }, { Length: > 0 }) => throw Fault(
                $"Both {AzureSettings.ServiceBus} and {AzureSettings.ServiceBus}__fullyQualifiedNamespace are set; one of them must go."),
            ({ Length: > 0 } connectionString, _) => new ServiceBusClient(connectionString, Options()),
            (_, { Length: > 0 } host) => new ServiceBusClient(host, AzureCredential.Of(section["clientId"]), Options()),
            _ => throw Fault($"Set {AzureSettings.ServiceBus} to a connection string, or {AzureSettings.ServiceBus}__fullyQualifiedNamespace to use the managed identity."),
        };
    }

    /// <summary>One try of 5 s: <see cref="ServiceBusCalls"/> has the deadline and the other tries.</summary>
    internal static ServiceBusClientOptions Options() => new() { RetryOptions = new ServiceBusRetryOptions { TryTimeout = TimeSpan.FromSeconds(5), MaxRetries = 0 } };

    private static InvalidOperationException Fault(string message) => new(message);
}
