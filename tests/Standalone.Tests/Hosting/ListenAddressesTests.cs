using Pipeline.Standalone.Hosting;
using Xunit;

namespace Pipeline.Standalone.Tests.Hosting;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("http://localhost:7071", false)]
    [InlineData("http://127.0.0.1:0;http://[::1]:7071", true)] // without a token every loopback address is served
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://*:8080", false)]
    public void Own3_An_address_that_can_be_listened_on_is_taken(string urls, bool isOpen) =>
        Assert.Equal(urls.Split(';'), ListenAddresses.Decide(urls, isOpen));

    [Theory]
    [InlineData(";", "names no address")]
    [InlineData("7071", "'7071' is no address to listen on; write for example http://localhost:7071.")]
    [InlineData("localhost:7071", "'localhost:7071' is no address to listen on")] // no scheme
    [InlineData("http://", "'http://' is no address to listen on")]
    [InlineData("http://localhost:99999", "is no address to listen on")] // no such port
    [InlineData("http://localhost:x", "is no address to listen on")]
    [InlineData("http://localhost:7071;ftp://localhost:7072", "'ftp://localhost:7072' is no address to listen on")] // the second counts too
    [InlineData("https://localhost:7443", "asks for TLS, which this program leaves to a proxy")] // there is no certificate to serve
    [InlineData("http://localhost:7071/pipeline", "write http://localhost:7071, and the path as server.path_base.")] // Kestrel can't serve under a path
    [InlineData("http://localhost:0", "write http://127.0.0.1:0.")]
    [InlineData("http://0.0.0.0:7071", "open to other machines, and no token is configured")]
    [InlineData("http://incidents.example.org:7071", "open to other machines, and no token is configured")]
    public void Own3_An_address_that_cannot_is_refused_with_what_to_write(string urls, string says)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => ListenAddresses.Decide(urls, isOpen: true));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData("http://localhost:7071", "http://localhost:7071/")]
    [InlineData("http://10.1.2.3:80", "http://10.1.2.3/")]
    [InlineData("http://[::1]:7071", "http://[::1]:7071/")]
    [InlineData("http://0.0.0.0:7071", "http://ops1:7071/")] // nobody can call 0.0.0.0
    [InlineData("http://[::]:7071", "http://ops1:7071/")]
    [InlineData("http://*:7071", "http://ops1:7071/")]
    [InlineData("http://+:7071", "http://ops1:7071/")]
    public void FirstUse_People_reach_it_by_a_name_that_can_be_called(string listening, string reached) =>
        Assert.Equal(new Uri(reached), ListenAddresses.Reachable(listening, "ops1"));
}
