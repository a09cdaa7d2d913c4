using Azure.Data.Tables;
using Microsoft.Extensions.Configuration;
using Pipeline.Functions.Hosting;

namespace Pipeline.Functions.Tables;

/// <summary>
/// The pipeline's table by the app's settings, named as the identity-based connections of Azure Functions are:
/// <c>PipelineTables</c> is a connection string; or <c>PipelineTables__accountName</c> or <c>PipelineTables__endpoint</c> names the account,
/// and the app's managed identity is let in (<c>PipelineTables__clientId</c>: a user-assigned one).
/// https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
/// </summary>
internal static class TableConnection
{
    public const string Setting = AzureSettings.Tables;
    public const string TableName = "pipeline";

    /// <summary>How long one try may take. The service itself gives up on a query after 5 s; senders of alerts wait some 10 s in all.</summary>
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(8);

    /// <exception cref="InvalidOperationException">The settings are missing or can't be used; the message names them and holds no secret.</exception>
    public static TableClient Create(IConfiguration configuration, string tableName = TableName)
    {
        var section = configuration.GetSection(Setting);
        var endpoint = EndpointOf(section);
        return (section.Value, endpoint) switch
        {
            ({ Length: > 0 }, not null) => throw Fault($"Both {Setting} and {Setting}__accountName or {Setting}__endpoint are set; one of them must go."),
            ({ Length: > 0 } connectionString, null) => ByConnectionString(connectionString, tableName),
            (_, not null) => new TableClient(endpoint, tableName, AzureCredential.Of(section["clientId"]), Options()),
            _ => throw Fault($"Set {Setting} to a connection string, or {Setting}__accountName or {Setting}__endpoint to use the managed identity."),
        };
    }

    private static Uri? EndpointOf(IConfigurationSection section)
    {
        var address = (section["endpoint"], section["accountName"]) switch
        {
            ({ Length: > 0 } endpoint, _) => endpoint,
            (_, { Length: > 0 } account) => $"https://{account}.table.core.windows.net",
            _ => null,
        };
        if (address is null)
        {
            return null;
        }

        // A token sent over plain http could be read on the way.
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? uri
            : throw Fault($"{Setting}__endpoint or {Setting}__accountName gives '{address}', which is no https address.");
    }

    private static TableClient ByConnectionString(string connectionString, string tableName)
    {
        try
        {
            return new TableClient(connectionString, tableName, Options());
        }
        catch (Exception unreadable) when (unreadable is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{Setting} is no connection string of a storage account: {unreadable.Message}", unreadable);
        }
    }

    private static TableClientOptions Options() => new() { RetryPolicy = new WriteSafeRetryPolicy(), Retry = { NetworkTimeout = NetworkTimeout } };

    private static InvalidOperationException Fault(string message) => new(message);
}
