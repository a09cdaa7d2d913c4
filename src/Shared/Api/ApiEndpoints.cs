using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>A route and what serves it.</summary>
internal sealed record ApiEndpoint(ApiRoute Route, RequestDelegate Serve);

/// <summary>The whole API: access first, faults as problem details, and one handler a route. A host only carries requests here.</summary>
internal sealed partial class ApiEndpoints(
    Access access, AccessLog accessLog, IReadOnlyList<ApiEndpoint> endpoints, UnmatchedRequests unmatched, ILogger<ApiEndpoints> logger)
{
    public IReadOnlyList<ApiEndpoint> All => endpoints;

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var endpoint in endpoints)
        {
            routes.MapMethods(endpoint.Route.Template, RouteMatch.MethodsOf(endpoint.Route), context => ServeAsync(endpoint, context));
        }

        routes.MapFallback("{*path}", ServeUnmatchedAsync);
    }

    /// <summary>Serves a request that the host's routing has no route for: one below the path base, or with another problem.</summary>
    public async Task ServeUnmatchedAsync(HttpContext context)
    {
        if (await unmatched.FindAsync(context, endpoints).ConfigureAwait(false) is { } endpoint)
        {
            await ServeAsync(endpoint, context).ConfigureAwait(false);
        }
    }

    public async Task ServeAsync(ApiEndpoint endpoint, HttpContext context)
    {
        var decision = access.Decide(context, endpoint.Route.Role);
        if (decision != AccessDecision.Allowed)
        {
            accessLog.Refused(context, decision, endpoint.Route);
            await Access.RefuseAsync(context, decision, endpoint.Route.Role).ConfigureAwait(false);
            return;
        }

        // Until somebody answers it is a failure: a call that ends without an answer must never look like a success.
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        try
        {
            await endpoint.Serve(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && context.Response.StatusCode == StatusCodes.Status500InternalServerError)
            {
                context.Abort();
            }
        }
        catch (StoreUnavailableException exception) when (!context.Response.HasStarted)
        {
            LogUnavailable(logger, endpoint.Route.Name, exception);
            await Answer.UnavailableAsync(context, "Store unavailable", "Nothing was accepted; send it again later.").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away; nobody is left to answer.
            context.Abort();
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await Problem.WriteAsync(context, exception.StatusCode, "Bad request", exception.Message).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            LogFault(logger, endpoint.Route.Name, exception);
            await Problem.WriteAsync(
                context, StatusCodes.Status500InternalServerError, "Internal error", "The call failed here; the log has the reason.").ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Half an answer must not look like a whole one.
            LogCut(logger, endpoint.Route.Name, exception);
            context.Abort();
        }
    }

    [LoggerMessage(150, LogLevel.Error, "{Route}: the store is unavailable; answered 503.")]
    private static partial void LogUnavailable(ILogger logger, string route, Exception exception);

    [LoggerMessage(154, LogLevel.Error, "{Route} failed in the middle of its answer; the connection was broken.")]
    private static partial void LogCut(ILogger logger, string route, Exception exception);

    [LoggerMessage(151, LogLevel.Error, "{Route} failed; answered 500.")]
    private static partial void LogFault(ILogger logger, string route, Exception exception);
}
