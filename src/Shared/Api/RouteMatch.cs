namespace Pipeline.Api;

public enum RouteMatchKind
{
    /// <summary>A route serves it.</summary>
    Served,

    /// <summary>There is a route of that path, for another method.</summary>
    WrongMethod,

    /// <summary>The end of the path is a route's: the rest is a prefix that isn't configured.</summary>
    UnknownPrefix,

    /// <summary>No route has such a path.</summary>
    Unknown,
}

/// <summary>What is at a path.</summary>
/// <param name="Route">What serves it, for <see cref="RouteMatchKind.Served"/>.</param>
/// <param name="Values">Of the route's parameters.</param>
/// <param name="Allowed">The methods that the path has, for <see cref="RouteMatchKind.WrongMethod"/>.</param>
/// <param name="Prefix">Of the path, for <see cref="RouteMatchKind.UnknownPrefix"/>.</param>
internal sealed record RouteMatch(
    RouteMatchKind Kind,
    ApiRoute? Route = null,
    IReadOnlyDictionary<string, string>? Values = null,
    IReadOnlyList<string>? Allowed = null,
    string? Prefix = null)
{
    private const string Get = "GET";
    private const string Head = "HEAD";

    /// <summary>The methods that a route serves: HEAD wherever GET.</summary>
    public static IReadOnlyList<string> MethodsOf(ApiRoute route) => route.Method == Get ? [Get, Head] : [route.Method];

    /// <summary>Decides for a request. Empty segments of the path, as of a doubled slash, don't count.</summary>
    /// <param name="pathBase">Where the API is too, such as <c>/pipeline</c>; empty where it is at the root
    /// only.</param>
    public static RouteMatch Decide(IReadOnlyCollection<ApiRoute> routes, string method, string path, string pathBase)
    {
        var segments = Segments(path);
        var templates = routes.Select(route => (Route: route, Template: Segments(route.Template))).ToArray();
        var prefix = Segments(pathBase);
        var hasPrefix = prefix.Length > 0 && segments.Length >= prefix.Length
            && segments.AsSpan(0, prefix.Length).SequenceEqual(prefix, StringComparer.OrdinalIgnoreCase);
        var match = At(templates, method, segments);
        if (match.Kind == RouteMatchKind.Unknown && hasPrefix)
        {
            match = At(templates, method, segments[prefix.Length..]);
        }

        return match.Kind == RouteMatchKind.Unknown && PrefixOf(templates, method, segments) is { } unknown
            ? new RouteMatch(RouteMatchKind.UnknownPrefix, Prefix: unknown)
            : match;
    }

    private static RouteMatch At((ApiRoute Route, string[] Template)[] routes, string method, string[] segments)
    {
        List<string>? allowed = null;
        foreach (var (route, template) in routes)
        {
            if (ValuesOf(template, segments) is not { } values)
            {
                continue;
            }

            var methods = MethodsOf(route);
            if (methods.Contains(method, StringComparer.OrdinalIgnoreCase))
            {
                return new RouteMatch(RouteMatchKind.Served, route, values);
            }

            (allowed ??= []).AddRange(methods);
        }

        return allowed is null
            ? new RouteMatch(RouteMatchKind.Unknown)
            : new RouteMatch(RouteMatchKind.WrongMethod, Allowed: [.. allowed.Distinct(StringComparer.Ordinal)]);
    }

    private static string? PrefixOf((ApiRoute Route, string[] Template)[] routes, string method, string[] segments)
    {
        // A stranger may ask for thousands of segments; of those only the last few can be a route.
        var longest = routes.Length == 0 ? 0 : routes.Max(route => route.Template.Length);
        for (var length = Math.Max(1, segments.Length - longest); length < segments.Length; length++)
        {
            if (At(routes, method, segments[length..]).Kind == RouteMatchKind.Served)
            {
                return "/" + string.Join('/', segments[..length]);
            }
        }

        return null;
    }

    /// <summary>Null where the path isn't the route's.</summary>
    private static Dictionary<string, string>? ValuesOf(string[] template, string[] segments)
    {
        if (template.Length != segments.Length)
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (expected, found) in template.Zip(segments))
        {
            if (expected[0] == '{')
            {
                values[expected.Trim('{', '}')] = found;
            }
            else if (!string.Equals(expected, found, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
        }

        return values;
    }

    private static string[] Segments(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
