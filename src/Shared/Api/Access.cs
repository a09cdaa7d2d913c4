using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Pipeline.Hosting;

namespace Pipeline.Api;

public enum AccessDecision
{
    Allowed,

    /// <summary>No token, or an unknown one.</summary>
    Unauthenticated,

    /// <summary>A known token whose role isn't enough.</summary>
    Forbidden,

    /// <summary>No token is configured, and the call doesn't come from this machine.</summary>
    LoopbackOnly,

    /// <summary>No token is configured, and a page of another origin made a browser on this machine send the call.</summary>
    OtherOrigin,
}

/// <summary>
/// Who may call what. Tokens are known by their hash only. Without any token the program is open to its own machine, and to nobody else.
/// </summary>
internal sealed class Access
{
    public const string LocalName = "local";

    private const int MaxAuthorization = 4096;

    // Somebody else's request, passed on by a proxy on this machine.
    private static readonly string[] ForwardedHeaders = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    private static readonly ClaimsPrincipal LocalUser = Principal(LocalName);
    private readonly List<(byte[] Hash, AccessRole Role, ClaimsPrincipal Principal)> tokens;

    public Access(AccessConfiguration configuration) =>
        tokens = [.. configuration.Tokens.Select(token => (Convert.FromHexString(token.Sha256), token.Role, Principal(token.Name)))];

    public bool IsOpen => tokens.Count == 0;

    /// <summary>Ingest may post alerts only; viewer reads; responder also commands; admin may all.</summary>
    public static bool Suffices(AccessRole has, AccessRole needed) => has switch
    {
        AccessRole.Admin => true,
        AccessRole.Responder => needed is AccessRole.Responder or AccessRole.Viewer,
        _ => has == needed,
    };

    public AccessDecision Decide(HttpContext context, AccessRole? needed)
    {
        if (needed is not { } role)
        {
            return AccessDecision.Allowed;
        }

        if (IsOpen)
        {
            context.User = LocalUser;
            return !IsLocal(context) ? AccessDecision.LoopbackOnly
                : BrowserOrigin.IsOwn(context.Request) ? AccessDecision.Allowed : AccessDecision.OtherOrigin;
        }

        return DecideByToken(context, role);
    }

    /// <summary>Writes the refusal as problem details.</summary>
    public static Task RefuseAsync(HttpContext context, AccessDecision decision, AccessRole? needed)
    {
        switch (decision)
        {
            case AccessDecision.Unauthenticated:
                context.Response.Headers.WWWAuthenticate = "Bearer";
                return Problem.WriteAsync(
                    context, StatusCodes.Status401Unauthorized, "Not authenticated", "Send Authorization: Bearer with a token that the configuration names under access.tokens, "
                    + "or Basic with the token as password.");
            case AccessDecision.LoopbackOnly:
                return Problem.WriteAsync(
                    context, StatusCodes.Status403Forbidden, "Loopback only", "No token is configured, so only this machine may call, by a loopback address. Add one under access.tokens.");
            case AccessDecision.OtherOrigin:
                return Problem.WriteAsync(
                    context, StatusCodes.Status403Forbidden, "Same origin only", "No token is configured, so a web page of another origin may not call. Add a token under access.tokens and send it.");
            default:
                return Problem.WriteAsync(
                    context, StatusCodes.Status403Forbidden, "Not allowed", $"This call needs the role {needed?.ToString().ToLowerInvariant()}; the token has another.");
        }
    }

    private AccessDecision DecideByToken(HttpContext context, AccessRole needed)
    {
        if (TokenOf(context.Request.Headers.Authorization.ToString()) is not { } sent)
        {
            return AccessDecision.Unauthenticated;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(sent, hash);
        var decision = AccessDecision.Unauthenticated;
        foreach (var token in tokens)
        {
            // Every token is compared, whichever fits: the time must not tell.
            if (CryptographicOperations.FixedTimeEquals(hash, token.Hash))
            {
                context.User = token.Principal;
                decision = Suffices(token.Role, needed) ? AccessDecision.Allowed : AccessDecision.Forbidden;
            }
        }

        return decision;
    }

    /// <summary>
    /// Returns the token in UTF-8, of Bearer or as the password of Basic with whatever user name; null where there is
    /// none.
    /// </summary>
    private static byte[]? TokenOf(string authorization)
    {
        const string Bearer = "Bearer ";
        const string Basic = "Basic ";
        if (authorization.Length > MaxAuthorization)
        {
            return null;
        }

        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return Encoding.UTF8.GetBytes(authorization[Bearer.Length..].Trim());
        }

        // Only what senders give unasked: the answer to a call without a token doesn't ask for Basic, for a browser
        // would keep what it is
        // given and send it with the requests of strangers' pages.
        var credentials = new byte[authorization.Length];
        return authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)
            && Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), credentials, out var length)
            && credentials.AsSpan(0, length).IndexOf((byte)':') is var colon and >= 0
                ? credentials[(colon + 1)..length]
                : null;
    }

    // The host too: a page in a browser on this machine must not reach us under a name of its own (DNS rebinding).
    private static bool IsLocal(HttpContext context)
    {
        var remote = context.Connection.RemoteIpAddress;
        return (remote is null || IPAddress.IsLoopback(remote))
            && (IsLoopbackHost(context.Request.Host.Host) || IsWithoutHost(context.Request))
            && !ForwardedHeaders.Any(context.Request.Headers.ContainsKey);
    }

    // HTTP/1.0 has no host, and no browser speaks it.
    private static bool IsWithoutHost(HttpRequest request) =>
        !request.Host.HasValue && HttpProtocol.IsHttp10(request.Protocol);

    internal static bool IsLoopbackHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static ClaimsPrincipal Principal(string name) => new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "token"));
}
