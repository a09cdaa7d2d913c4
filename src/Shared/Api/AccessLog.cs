using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// Logs calls that were refused for lack of a token or a right: a few a minute, the rest counted, so that a scanner can't fill the log.
/// </summary>
internal sealed partial class AccessLog(TimeProvider time, ILogger<AccessLog> logger)
{
    /// <summary>Lines a minute.</summary>
    public const int MostInAMinute = 10;

    private const int MaxText = 100;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private long? windowStart;
    private int written;
    private long held;

    public void Refused(HttpContext context, AccessDecision decision, ApiRoute route)
    {
        if (!IsDue(out var before))
        {
            return;
        }

        if (before > 0)
        {
            LogHeld(logger, before);
        }

        var status = decision == AccessDecision.Unauthenticated
            ? StatusCodes.Status401Unauthorized
            : StatusCodes.Status403Forbidden;
        LogRefused(logger, status, route.Method, route.Template, Caller(context), Why(context, decision, route));
    }

    /// <summary>The header that carried a token is never looked at here.</summary>
    private static string Caller(HttpContext context)
    {
        var remote = context.Connection.RemoteIpAddress?.ToString() ?? "this machine";
        var passedOn = MarkdownText.OneLine(context.Request.Headers["X-Forwarded-For"].ToString(), MaxText);
        return passedOn.Length == 0 ? remote : $"{remote} for {passedOn}";
    }

    private static string Why(HttpContext context, AccessDecision decision, ApiRoute route) => decision switch
    {
        AccessDecision.Unauthenticated when context.Request.Headers.Authorization.Count == 0 => "it sent no token",
        AccessDecision.Unauthenticated => "it sent no token that is configured",
        AccessDecision.Forbidden =>
            $"the token '{context.User.Identity?.Name}' lacks the role {route.Role?.ToString().ToLowerInvariant()}",
        AccessDecision.OtherOrigin => "no token is configured, and a page of another origin sent it",
        _ => "no token is configured, so only this machine may call",
    };

    private bool IsDue(out long heldBefore)
    {
        lock (gate)
        {
            heldBefore = 0;
            if (windowStart is not { } start || time.GetElapsedTime(start) >= Window)
            {
                windowStart = time.GetTimestamp();
                heldBefore = held;
                held = 0;
                written = 0;
            }

            if (written == MostInAMinute)
            {
                held++;
                return false;
            }

            written++;
            return true;
        }
    }

    [LoggerMessage(153, LogLevel.Warning, "Refused with {Status}: {Method} /{Route} from {Caller}; {Reason}.")]
    private static partial void LogRefused(
        ILogger logger, int status, string method, string route, string caller, string reason);

    [LoggerMessage(154, LogLevel.Warning, "{Count} more calls were refused before and not logged one by one.")]
    private static partial void LogHeld(ILogger logger, long count);
}
