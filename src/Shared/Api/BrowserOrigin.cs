using Microsoft.AspNetCore.Http;

namespace Pipeline.Api;

/// <summary>
/// Tells a request of our own pages, or of a program, from one that a page of another origin makes a browser send. Without a token nothing
/// else does, because the browser runs on the machine that is trusted.
/// </summary>
internal static class BrowserOrigin
{
    /// <summary>
    /// Returns false where <c>Origin</c> or <c>Sec-Fetch-Site</c> name another origin; another port of this machine is one too.
    /// Programs send neither.
    /// </summary>
    public static bool IsOwn(HttpRequest request) =>
        IsOwnOrigin(request, request.Headers.Origin.ToString()) && IsOwnSite(request);

    private static bool IsOwnOrigin(HttpRequest request, string origin) =>
        origin.Length == 0
        || (Uri.TryCreate(origin, UriKind.Absolute, out var theirs)
            && Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var ours)
            && Uri.Compare(theirs, ours, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0);

    // "none" is an address that a person typed. https://www.w3.org/TR/fetch-metadata/
    private static bool IsOwnSite(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none" || IsFollowedLink(request);

    // A link in a chat's page, say: it shows the answer to a person, and the page that has the link can't read it.
    private static bool IsFollowedLink(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.Headers["Sec-Fetch-Mode"] == "navigate"
        && request.Headers["Sec-Fetch-Dest"] == "document";
}
