using Microsoft.Extensions.Configuration;
using Pipeline.Functions.Hosting;
using Pipeline.Tests.Support.Processes;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

public sealed class AppConfigurationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_beside_the_app_is_read_and_secrets_come_from_the_settings()
    {
        folder.Write("pipeline.yaml", $$"""
            access: { tokens: [ { name: am, role: ingest, sha256: {{new string('a', 64)}} } ] }
            channels: { hook: { kind: webhook, url: "https://hooks.example/x", secret: env:HOOK_SECRET } }
            """);
        Assert.Contains("hook", Read(("HOOK_SECRET", "s3cret")).Channels.Keys);
    }

    [Fact]
    public void A_setting_names_another_file()
    {
        folder.Write("other.yaml", $"access: {{ tokens: [ {{ name: am, role: ingest, sha256: {new string('a', 64)} }} ] }}");
        Assert.Single(Read((AzureSettings.Configuration, "other.yaml")).Access.Tokens);
    }

    [Fact]
    public void Without_a_token_the_app_does_not_start_and_says_what_to_do()
    {
        folder.Write("pipeline.yaml", "intake: { keep_posts: 7d }");
        var fault = Assert.Throws<InvalidOperationException>(() => Read());
        Assert.Contains("access.tokens", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_problems_names_them_with_their_lines()
    {
        folder.Write("pipeline.yaml", "intake:\n  keep_post: 7d\n");
        var fault = Assert.Throws<InvalidOperationException>(() => Read());
        Assert.Contains("pipeline.yaml:2", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("incidents.azurewebsites.net", "", "https://incidents.azurewebsites.net/")] // App Service names the app
    [InlineData("localhost:7071", "", "http://localhost:7071/")] // the tools on one's own machine
    [InlineData("incidents.azurewebsites.net", "https://incidents.example.org/", "https://incidents.example.org/")] // the file wins
    [InlineData("", "", null)]
    public void FirstUse_Links_follow_the_apps_own_name_unless_the_file_says_otherwise(string host, string configured, string? links)
    {
        var reports = configured.Length == 0 ? "" : $"reports: {{ base_url: \"{configured}\" }}";
        folder.Write("pipeline.yaml", $"access: {{ tokens: [ {{ name: am, role: ingest, sha256: {new string('a', 64)} }} ] }}\n{reports}\n");
        Assert.Equal(links, Read(("WEBSITE_HOSTNAME", host)).Reports.BaseUrl?.AbsoluteUri);
    }

    private Pipeline.Hosting.PipelineConfiguration Read(params (string Name, string Value)[] settings) => AppConfiguration.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build(), folder.Path, TextWriter.Null);
}
