using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Pipeline.Api;
using Pipeline.Hosting;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class AccessTests
{
    [Theory]
    // Ingest posts alerts and sees nothing.
    [InlineData(AccessRole.Ingest, "Ingest")]
    // A viewer reads.
    [InlineData(AccessRole.Viewer, "Viewer")]
    // A responder reads and commands, but posts no alerts.
    [InlineData(AccessRole.Responder, "Viewer,Responder")]
    // An admin may all.
    [InlineData(AccessRole.Admin, "Ingest,Viewer,Responder,Admin")]
    public void What_a_role_may(AccessRole has, string expected) =>
        Assert.Equal(expected, string.Join(',', Enum.GetValues<AccessRole>().Where(needed => Access.Suffices(has, needed))));

    [Theory]
    // From this machine, by a loopback name.
    [InlineData("127.0.0.1", "localhost:7071", "", AccessDecision.Allowed)]
    [InlineData("127.0.0.1", "127.0.0.1:7071", "", AccessDecision.Allowed)]
    [InlineData("::1", "[::1]:7071", "", AccessDecision.Allowed)]
    [InlineData("::ffff:127.0.0.1", "LOCALHOST", "", AccessDecision.Allowed)]
    // From another machine, whatever it says of itself.
    [InlineData("10.0.0.7", "localhost:7071", "", AccessDecision.LoopbackOnly)]
    // DNS rebinding: a browser on this machine, led here under a stranger's name.
    [InlineData("127.0.0.1", "evil.example", "", AccessDecision.LoopbackOnly)]
    [InlineData("127.0.0.1", "127.0.0.1.evil.example", "", AccessDecision.LoopbackOnly)]
    [InlineData("127.0.0.1", "localhost.evil.example", "", AccessDecision.LoopbackOnly)]
    [InlineData("127.0.0.1", "localhost.", "", AccessDecision.LoopbackOnly)]
    [InlineData("127.0.0.1", "", "", AccessDecision.LoopbackOnly)]
    // Led here under a stranger's name, by a page that is of that name too.
    [InlineData("127.0.0.1", "evil.example", "http://evil.example", AccessDecision.LoopbackOnly)]
    public void Without_tokens_only_this_machine_may_call(string remote, string host, string origin, AccessDecision expected)
    {
        var context = Context(remote, host);
        context.Request.Headers.Origin = origin;
        Assert.Equal(expected, new Access(new AccessConfiguration()).Decide(context, AccessRole.Admin));
    }

    [Theory]
    // A page of our own.
    [InlineData("localhost:7071", "http://localhost:7071", "same-origin", AccessDecision.Allowed)]
    [InlineData("[::1]:7071", "http://[::1]:7071", "", AccessDecision.Allowed)]
    [InlineData("LOCALHOST:7071", "http://localhost:7071", "", AccessDecision.Allowed)]
    // The scheme's own port needs no writing.
    [InlineData("localhost:80", "http://localhost", "", AccessDecision.Allowed)]
    // A program, and an address that a person typed.
    [InlineData("localhost:7071", "", "", AccessDecision.Allowed)]
    [InlineData("localhost:7071", "", "none", AccessDecision.Allowed)]
    // A page that another program on this machine serves: another port, another loopback name, the other scheme.
    [InlineData("localhost:7071", "http://localhost:3000", "same-site", AccessDecision.OtherOrigin)]
    [InlineData("localhost", "http://localhost:3000", "", AccessDecision.OtherOrigin)]
    [InlineData("localhost:7071", "http://127.0.0.1:7071", "", AccessDecision.OtherOrigin)]
    [InlineData("localhost:7071", "https://localhost:7071", "", AccessDecision.OtherOrigin)]
    // A stranger's page.
    [InlineData("localhost", "https://evil.example", "cross-site", AccessDecision.OtherOrigin)]
    [InlineData("localhost", "http://localhost.evil.example", "", AccessDecision.OtherOrigin)]
    [InlineData("localhost:7071", "http://localhost:7071@evil.example", "", AccessDecision.OtherOrigin)]
    // A page that hides where it is from: sandboxed, or a local file.
    [InlineData("localhost:7071", "null", "", AccessDecision.OtherOrigin)]
    // Two origins; nonsense.
    [InlineData("localhost:7071", "http://localhost:7071,http://evil.example", "", AccessDecision.OtherOrigin)]
    [InlineData("localhost:7071", "localhost:7071", "", AccessDecision.OtherOrigin)]
    // A form or an image of another page: no origin is sent, but its site.
    [InlineData("localhost:7071", "", "cross-site", AccessDecision.OtherOrigin)]
    [InlineData("localhost:7071", "", "same-site", AccessDecision.OtherOrigin)]
    [InlineData("localhost:7071", "", "anything", AccessDecision.OtherOrigin)]
    public void R16_Without_tokens_a_page_of_another_origin_may_not_call(string host, string origin, string site, AccessDecision expected)
    {
        var context = Context("127.0.0.1", host);
        context.Request.Scheme = "http";
        context.Request.Method = "POST";
        context.Request.Headers.Origin = origin;
        context.Request.Headers["Sec-Fetch-Site"] = site;
        Assert.Equal(expected, new Access(new AccessConfiguration()).Decide(context, AccessRole.Admin));
    }

    [Theory]
    // A link in a chat's page that a person follows.
    [InlineData("GET", "navigate", "document", AccessDecision.Allowed)]
    [InlineData("HEAD", "navigate", "document", AccessDecision.Allowed)]
    // A form that it sends by itself; a frame; a script that fetches.
    [InlineData("POST", "navigate", "document", AccessDecision.OtherOrigin)]
    [InlineData("GET", "navigate", "iframe", AccessDecision.OtherOrigin)]
    [InlineData("GET", "no-cors", "script", AccessDecision.OtherOrigin)]
    public void R16_A_link_that_a_person_follows_works_from_anywhere(string method, string mode, string destination, AccessDecision expected)
    {
        var context = Context("127.0.0.1", "localhost:7071");
        context.Request.Method = method;
        context.Request.Headers["Sec-Fetch-Site"] = "cross-site";
        context.Request.Headers["Sec-Fetch-Mode"] = mode;
        context.Request.Headers["Sec-Fetch-Dest"] = destination;
        Assert.Equal(expected, new Access(new AccessConfiguration()).Decide(context, AccessRole.Viewer));
    }

    [Fact]
    public void R16_A_token_is_enough_whatever_page_sends_it()
    {
        var context = Context("10.0.0.7", "pipeline.example");
        context.Request.Headers.Origin = "https://console.example";
        context.Request.Headers.Authorization = "Bearer respond-1";
        Assert.Equal(AccessDecision.Allowed, WithTokens().Decide(context, AccessRole.Viewer));
    }

    [Theory]
    // What a proxy on this machine passes on is somebody else's.
    [InlineData("Forwarded", "for=10.0.0.7")]
    [InlineData("X-Forwarded-For", "10.0.0.7")]
    [InlineData("X-Real-IP", "10.0.0.7")]
    [InlineData("Via", "1.1 proxy")]
    public void Without_tokens_nobody_may_call_through_a_proxy(string header, string value)
    {
        var context = Context("127.0.0.1", "localhost");
        context.Request.Headers[header] = value;
        Assert.Equal(AccessDecision.LoopbackOnly, new Access(new AccessConfiguration()).Decide(context, AccessRole.Viewer));
    }

    [Theory]
    // The right token, from anywhere and under any name.
    [InlineData("Bearer respond-1", AccessRole.Responder, AccessDecision.Allowed)]
    // The scheme's case doesn't matter (RFC 9110), the space around the token neither.
    [InlineData("bearer  respond-1 ", AccessRole.Viewer, AccessDecision.Allowed)]
    // A known token whose role isn't enough.
    [InlineData("Bearer respond-1", AccessRole.Admin, AccessDecision.Forbidden)]
    [InlineData("Bearer ingest-1", AccessRole.Viewer, AccessDecision.Forbidden)]
    // No token, another scheme, an unknown or half a token, one in another case.
    [InlineData("", AccessRole.Viewer, AccessDecision.Unauthenticated)]
    // Basic without a colon: a user name alone.
    [InlineData("Basic cmVzcG9uZC0x", AccessRole.Viewer, AccessDecision.Unauthenticated)]
    [InlineData("Bearer ", AccessRole.Viewer, AccessDecision.Unauthenticated)]
    [InlineData("Bearer respond", AccessRole.Viewer, AccessDecision.Unauthenticated)]
    [InlineData("Bearer RESPOND-1", AccessRole.Viewer, AccessDecision.Unauthenticated)]
    public void With_tokens_each_call_needs_one(string authorization, AccessRole needed, AccessDecision expected)
    {
        var context = Context("10.0.0.7", "pipeline.example");
        context.Request.Headers.Authorization = authorization;
        Assert.Equal(expected, WithTokens().Decide(context, needed));
    }

    [Theory]
    // The token as the password of any user, also of none; the scheme in any case.
    [InlineData("alertmanager:ingest-1", AccessDecision.Allowed)]
    [InlineData(":ingest-1", AccessDecision.Allowed)]
    [InlineData("größe:ingest-1", AccessDecision.Allowed)]
    // Another role; the token as the user; no password; one with more than the token.
    [InlineData("alertmanager:respond-1", AccessDecision.Forbidden)]
    [InlineData("ingest-1:", AccessDecision.Unauthenticated)]
    [InlineData("ingest-1", AccessDecision.Unauthenticated)]
    [InlineData("a:b:ingest-1", AccessDecision.Unauthenticated)]
    [InlineData("a:ingest-1 ", AccessDecision.Unauthenticated)]
    public void D25_A_token_is_the_password_of_basic_authentication(string credentials, AccessDecision expected)
    {
        foreach (var scheme in new[] { "Basic", "basic" })
        {
            var context = Context("10.0.0.7", "pipeline.example");
            context.Request.Headers.Authorization = $"{scheme} {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}";
            Assert.Equal(expected, WithTokens().Decide(context, AccessRole.Ingest));
        }
    }

    [Theory]
    // No Base64; none at all; longer than any token.
    [InlineData("Basic !")]
    [InlineData("Basic ")]
    [InlineData("Basic")]
    [InlineData("Basic 10000")]
    public void D25_Credentials_that_can_not_be_read_are_none(string authorization)
    {
        var context = Context("10.0.0.7", "pipeline.example");
        context.Request.Headers.Authorization = authorization.Replace("10000", new string('A', 10_000), StringComparison.Ordinal);
        Assert.Equal(AccessDecision.Unauthenticated, WithTokens().Decide(context, AccessRole.Ingest));
    }

    [Theory]
    // HTTP/1.0 has no host. Later versions must name one, and a browser does.
    [InlineData("HTTP/1.0", "127.0.0.1", "", AccessDecision.Allowed)]
    [InlineData("HTTP/1.0", "127.0.0.1", "evil.example", AccessDecision.LoopbackOnly)]
    [InlineData("HTTP/1.0", "10.0.0.7", "", AccessDecision.LoopbackOnly)]
    [InlineData("HTTP/1.1", "127.0.0.1", "", AccessDecision.LoopbackOnly)]
    public void O4_A_call_of_HTTP_1_0_needs_no_host(string protocol, string remote, string host, AccessDecision expected)
    {
        var context = Context(remote, host);
        context.Request.Protocol = protocol;
        Assert.Equal(expected, new Access(new AccessConfiguration()).Decide(context, AccessRole.Ingest));
    }

    [Fact]
    public void With_tokens_this_machine_needs_one_too() =>
        Assert.Equal(AccessDecision.Unauthenticated, WithTokens().Decide(Context("127.0.0.1", "localhost"), AccessRole.Viewer));

    [Fact]
    public void The_caller_is_known_by_the_token_s_name()
    {
        var context = Context("10.0.0.7", "pipeline.example");
        context.Request.Headers.Authorization = "Bearer respond-1";
        WithTokens().Decide(context, AccessRole.Responder);
        Assert.Equal("pager-bot", context.User.Identity?.Name);
    }

    [Fact]
    public void What_needs_no_role_is_open_to_all()
    {
        Assert.Equal(AccessDecision.Allowed, WithTokens().Decide(Context("10.0.0.7", "x"), needed: null));
        Assert.Equal(AccessDecision.Allowed, new Access(new AccessConfiguration()).Decide(Context("10.0.0.7", "x"), needed: null));
    }

    internal static AccessConfiguration Tokens { get; } = new()
    {
        Tokens = [Token("prometheus", AccessRole.Ingest, "ingest-1"), Token("pager-bot", AccessRole.Responder, "respond-1")],
    };

    private static Access WithTokens() => new(Tokens);

    private static AccessToken Token(string name, AccessRole role, string secret) =>
        new(name, role, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))));

    private static DefaultHttpContext Context(string remote, string host)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        context.Request.Host = new HostString(host);
        return context;
    }
}
