using Pipeline.Hosting;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

public sealed class ReachedByTests
{
    [Theory]
    [InlineData("http://ops1:8080/", "", null, "http://ops1:8080/")]
    [InlineData("http://ops1:8080/", "/pipeline", null, "http://ops1:8080/pipeline/")] // the API is there too
    [InlineData("http://ops1:8080/", "/pipeline", "https://incidents.example.org/", "https://incidents.example.org/")] // the file wins
    public void FirstUse_Links_follow_the_address_and_the_path_base_unless_the_file_says_otherwise(
        string address, string pathBase, string? configured, string expected)
    {
        var configuration = new PipelineConfiguration
        {
            Server = new ServerConfiguration { PathBase = pathBase },
            Reports = new ReportConfiguration { BaseUrl = configured is null ? null : new Uri(configured) },
        };

        Assert.Equal(new Uri(expected), configuration.ReachedBy(new Uri(address)).Reports.BaseUrl);
    }
}
