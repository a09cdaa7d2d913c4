using System.Reflection;
using System.Text.RegularExpressions;
using Pipeline.Api;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

/// <summary>Holds the routes of <c>docs/api.md</c>, and those that other pages name, against the code.</summary>
public sealed partial class ApiDocumentationTests
{
    private static readonly IReadOnlyList<ApiRoute> Known =
    [
        .. typeof(Routes).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => property.GetValue(null)).OfType<ApiRoute>(),
    ];

    public static TheoryData<string> Pages =>
    [
        "README.md",
        .. Directory.GetFiles(RepositoryFile.PathOf("docs"), "*.md").Select(file => $"docs/{System.IO.Path.GetFileName(file)}"),
    ];

    [Fact]
    public void FirstUse_Every_route_is_documented_with_its_role_and_no_other()
    {
        var documented = Row().Matches(RepositoryFile.Read("docs/api.md"))
            .Select(row => $"{row.Groups["method"].Value} {row.Groups["path"].Value} {row.Groups["role"].Value}");

        Assert.Equal(
            Known.Select(route => $"{route.Method} /{route.Template} {route.Role?.ToString().ToLowerInvariant() ?? "anybody"}").Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void FirstUse_A_page_names_no_route_that_is_not_served(string page)
    {
        var unknown = Path().Matches(RepositoryFile.Read(page))
            .Select(match => match.Value.TrimEnd('.', '/'))
            .Where(path => path != "/api" && !Known.Any(route => IsMatch(route, path)));

        Assert.Empty(unknown);
    }

    private static bool IsMatch(ApiRoute route, string path)
    {
        var parts = route.Template.Split('/');
        var given = path.TrimStart('/').Split('/');
        return parts.Length == given.Length && parts.Zip(given).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
    }

    [GeneratedRegex(@"^\| `(?<method>[A-Z]+) (?<path>/api[^`? ]*)[^`]*`(?: `[^`]*`)? \| (?<role>\w+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"/api(/[A-Za-z0-9{}_.-]+)*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Path();
}
