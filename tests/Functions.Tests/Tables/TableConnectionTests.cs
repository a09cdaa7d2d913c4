using Pipeline.Functions.Tables;
using Xunit;

namespace Pipeline.Functions.Tests.Tables;

public sealed class TableConnectionTests
{
    private const string Key = "c2VjcmV0LXNlY3JldA==";

    [Theory]
    // The emulator.
    [InlineData("PipelineTables", "UseDevelopmentStorage=true", "http://127.0.0.1:10002/devstoreaccount1/pipeline")]
    // As the portal gives it.
    [InlineData("PipelineTables", $"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={Key};EndpointSuffix=core.windows.net", "https://acme.table.core.windows.net/pipeline")]
    // An endpoint of its own.
    [InlineData("PipelineTables", $"AccountName=acme;AccountKey={Key};TableEndpoint=http://127.0.0.1:4711/acme", "http://127.0.0.1:4711/acme/pipeline")]
    // The managed identity, on an account by its name.
    [InlineData("PipelineTables__accountName", "acme", "https://acme.table.core.windows.net/pipeline")]
    // The managed identity, on an account in another cloud.
    [InlineData("PipelineTables__endpoint", "https://acme.table.core.usgovcloudapi.net/", "https://acme.table.core.usgovcloudapi.net/pipeline")]
    public void A_setting_names_the_table(string name, string value, string table)
    {
        var client = TableConnection.Create(Settings.Of((name, value)));

        Assert.Equal((TableConnection.TableName, table), (client.Name, client.Uri.AbsoluteUri));
    }

    [Fact]
    public void An_endpoint_goes_before_an_account_name_and_a_client_id_picks_the_identity()
    {
        var client = TableConnection.Create(Settings.Of(
            ("PipelineTables__accountName", "acme"),
            ("PipelineTables__endpoint", "https://tables.acme.example"),
            ("PipelineTables__clientId", "5f7bf07b-6a2c-4b7f-a07c-0f21f5a2bd2b")));

        Assert.Equal("https://tables.acme.example/pipeline", client.Uri.AbsoluteUri);
    }

    [Theory]
    // Nothing is set.
    [InlineData(null, null, null)]
    // An empty setting is none.
    [InlineData("", "", "")]
    // Two ways at once.
    [InlineData("UseDevelopmentStorage=true", "acme", null)]
    [InlineData("UseDevelopmentStorage=true", null, "https://acme.table.core.windows.net")]
    // A token never goes over plain http.
    [InlineData(null, null, "http://acme.table.core.windows.net")]
    // No address.
    [InlineData(null, null, "acme")]
    [InlineData(null, "a c m e", null)]
    // No connection string, one without its account and one whose key isn't base64.
    [InlineData("acme", null, null)]
    [InlineData($"AccountKey={Key}", null, null)]
    [InlineData("AccountName=acme;AccountKey=top secret", null, null)]
    public void Settings_that_cannot_be_used_are_named_and_keys_kept_secret(string? connectionString, string? accountName, string? endpoint)
    {
        var settings = Settings.Of(
            ("PipelineTables", connectionString), ("PipelineTables__accountName", accountName), ("PipelineTables__endpoint", endpoint));

        var fault = Assert.Throws<InvalidOperationException>(() => TableConnection.Create(settings));

        Assert.Contains("PipelineTables", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("top secret", fault.Message, StringComparison.Ordinal);
    }
}
