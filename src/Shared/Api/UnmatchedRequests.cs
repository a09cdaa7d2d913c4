using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// Requests that the host's own routing leaves over: those below the path base, and those that nothing serves. A sender
/// at the wrong door
/// loses its alerts, so it is told, logged once a minute, and counted as <c>pipeline.http.unmatched</c>.
/// </summary>
internal sealed partial class UnmatchedRequests(
    ServerConfiguration server, TimeProvider time, ILogger<UnmatchedRequests> logger)
{
    private const int MaxShown = 200;
    private const int MaxKinds = 32;

    private static readonly Meter Meter = new(PipelineMeter.Name);
    private static readonly Counter<long> Unmatched = Meter.CreateCounter<long>(
        "pipeline.http.unmatched",
        "{request}",
        "Requests that no route serves, by the status that they were answered with.");

    private readonly LogLimiter limiter = new(time, TimeSpan.FromMinutes(1), MaxKinds);

    /// <summary>
    /// Returns the endpoint that serves the request, its route values set; null where a problem was written already.
    /// </summary>
    public async Task<ApiEndpoint?> FindAsync(HttpContext context, IReadOnlyList<ApiEndpoint> endpoints)
    {
        var request = context.Request;
        var routes = endpoints.Select(endpoint => endpoint.Route).ToList();
        var match = RouteMatch.Decide(routes, request.Method, $"{request.PathBase}{request.Path}", server.PathBase);
        if (match.Kind == RouteMatchKind.Served)
        {
            context.Request.RouteValues.Clear();
            foreach (var (name, value) in match.Values!)
            {
                context.Request.RouteValues[name] = value;
            }

            return endpoints.First(endpoint => endpoint.Route == match.Route);
        }

        await RefuseAsync(context, match).ConfigureAwait(false);
        return null;
    }

    private Task RefuseAsync(HttpContext context, RouteMatch match)
    {
        var status = match.Kind == RouteMatchKind.WrongMethod
            ? StatusCodes.Status405MethodNotAllowed
            : StatusCodes.Status404NotFound;
        var method = MarkdownText.OneLine(context.Request.Method, MaxShown);
        var path = MarkdownText.OneLine($"{context.Request.PathBase}{context.Request.Path}", MaxShown);
        var allowed = string.Join(", ", match.Allowed ?? []);
        var (title, detail) = match.Kind switch
        {
            RouteMatchKind.WrongMethod => ("Method not allowed", $"{path} serves {allowed}, not {method}."),
            RouteMatchKind.UnknownPrefix => (
                "Not found",
                $"Nothing is served at {path}. Send to the path without {Shown(match.Prefix!)}, "
                    + $"or set server.path_base to {Shown(match.Prefix!)}."),
            _ => (
                "Not found",
                $"Nothing is served at {path}. Alerts go to /api/alerts/alertmanager or /api/v2/alerts; "
                    + "incidents are at /api/incidents, health at /api/health."),
        };
        if (match.Kind == RouteMatchKind.WrongMethod)
        {
            context.Response.Headers.Allow = allowed;
        }

        Unmatched.Add(1, new KeyValuePair<string, object?>("status", status));
        if (limiter.Allows(string.Create(CultureInfo.InvariantCulture, $"{status} {method}"), out var heldBack))
        {
            LogUnmatched(logger, method, path, status, detail, heldBack);
        }

        return Problem.WriteAsync(context, status, title, detail);
    }

    private static string Shown(string prefix) => MarkdownText.OneLine(prefix, MaxShown);

    [LoggerMessage(
        155,
        LogLevel.Warning,
        "{Method} {Path} was answered {Status}: {Detail} "
            + "{HeldBack} more of this method and status since the last such line.")]
    private static partial void LogUnmatched(
        ILogger logger, string method, string path, int status, string detail, long heldBack);
}
