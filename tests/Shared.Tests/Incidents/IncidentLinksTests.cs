using Pipeline.Incidents;
using Pipeline.Postmortems;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class IncidentLinksTests
{
    [Theory]
    [InlineData("https://incidents.example.org", "https://incidents.example.org/api/incidents/INC-7")]
    [InlineData("https://example.org/pipeline", "https://example.org/pipeline/api/incidents/INC-7")] // a proxy serves it under a path
    [InlineData("https://example.org/ops/pipeline/", "https://example.org/ops/pipeline/api/incidents/INC-7")]
    [InlineData("https://example.org/pipeline?from=mail#top", "https://example.org/pipeline/api/incidents/INC-7")]
    [InlineData("http://ops1:8080", "http://ops1:8080/api/incidents/INC-7")]
    [InlineData(null, "http://localhost:7071/api/incidents/INC-7")] // nobody said where it is reached
    public void FirstUse_Links_keep_address_and_path(string? baseUrl, string link)
    {
        var address = baseUrl is null ? null : new Uri(baseUrl);

        Assert.Equal(link, IncidentLinks.To(address, "INC-7").AbsoluteUri);
        Assert.Equal($"{link}/postmortem", PostmortemTexts.DocumentLink(address, "INC-7").AbsoluteUri);
    }
}
