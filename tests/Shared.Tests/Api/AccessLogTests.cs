using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Pipeline.Api;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class AccessLogTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly LogRecorder log = new();
    private readonly AccessLog accessLog;

    public AccessLogTests() => accessLog = new AccessLog(clock, log.For<AccessLog>());

    public void Dispose() => log.Dispose();

    [Fact]
    public void FirstUse_A_refused_call_is_logged_with_who_called_what_and_without_the_secret()
    {
        accessLog.Refused(Context("10.1.2.3"), AccessDecision.Unauthenticated, Routes.PostAlertmanager);
        accessLog.Refused(Context("10.1.2.3", token: "s3cret"), AccessDecision.Unauthenticated, Routes.ListIncidents);
        accessLog.Refused(Context("10.1.2.4", token: "s3cret", caller: "alertmanager"), AccessDecision.Forbidden, Routes.Acknowledge);
        accessLog.Refused(Context("10.1.2.5", forwardedFor: "192.0.2.7\u001b[31m\r\nforged line"), AccessDecision.LoopbackOnly, Routes.Acknowledge);
        accessLog.Refused(Context("127.0.0.1"), AccessDecision.OtherOrigin, Routes.ListIncidents);

        Assert.Equal(
            [
                "Refused with 401: POST /api/alerts/alertmanager from 10.1.2.3; it sent no token.",
                "Refused with 401: GET /api/incidents from 10.1.2.3; it sent no token that is configured.",
                "Refused with 403: POST /api/incidents/{id}/acknowledge from 10.1.2.4; the token 'alertmanager' lacks the role responder.",
                "Refused with 403: POST /api/incidents/{id}/acknowledge from 10.1.2.5 for 192.0.2.7 [31m forged line; no token is configured, so only this machine may call.",
                "Refused with 403: GET /api/incidents from 127.0.0.1; no token is configured, and a page of another origin sent it.",
            ],
            log.Entries.Select(entry => entry.Text));
    }

    [Fact]
    public void FirstUse_A_scanner_fills_no_log()
    {
        for (var call = 0; call < 1000; call++)
        {
            accessLog.Refused(Context("10.1.2.3"), AccessDecision.Unauthenticated, Routes.ListIncidents);
        }

        Assert.Equal(AccessLog.MostInAMinute, log.Entries.Count);

        clock.Advance(TimeSpan.FromMinutes(1));
        accessLog.Refused(Context("10.1.2.3"), AccessDecision.Unauthenticated, Routes.ListIncidents);

        Assert.Equal($"{1000 - AccessLog.MostInAMinute} more calls were refused before and not logged one by one.", log.Entries.ElementAt(AccessLog.MostInAMinute).Text);
        Assert.Equal(AccessLog.MostInAMinute + 2, log.Entries.Count);
    }

    [Fact]
    public async Task FirstUse_The_api_logs_what_it_refuses()
    {
        var access = new Pipeline.Hosting.AccessConfiguration { Tokens = [new("alertmanager", Pipeline.Hosting.AccessRole.Ingest, new string('a', 64))] };
        await using var app = await LoopbackKestrel.StartAsync(access, [new ApiEndpoint(Routes.ListIncidents, _ => Task.CompletedTask)], log);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var answer = await client.GetAsync(new Uri("api/incidents", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Refused with 401: GET /api/incidents from 127.0.0.1; it sent no token.", Assert.Single(log.Entries).Text);
    }

    private static DefaultHttpContext Context(string remote, string? token = null, string? caller = null, string? forwardedFor = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        if (token is not null)
        {
            context.Request.Headers.Authorization = $"Bearer {token}";
        }

        if (caller is not null)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, caller)], "token"));
        }

        if (forwardedFor is not null)
        {
            context.Request.Headers["X-Forwarded-For"] = forwardedFor;
        }

        return context;
    }
}
