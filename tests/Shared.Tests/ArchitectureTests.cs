using System.Text.RegularExpressions;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests;

/// <summary>The arrows of the design, held against the code: which folder of Shared may know which.</summary>
public sealed partial class ArchitectureTests
{
    // Everything may use Runtime, and of Hosting the configuration model (PipelineConfiguration.cs), a leaf of records.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Runtime"] = [],
        ["Alerts"] = [],
        ["Incidents"] = ["Alerts"],
        ["Notifications"] = ["Incidents"],
        ["Escalation"] = ["Incidents", "Notifications"],
        ["Communication"] = ["Incidents", "Notifications"],
        ["Postmortems"] = ["Incidents", "Notifications"],
        ["Reports"] = ["Incidents", "Notifications"],
        ["Api"] = ["Alerts", "Incidents", "Notifications", "Escalation", "Communication", "Postmortems", "Reports"],
        ["Hosting"] = ["Alerts", "Incidents", "Notifications", "Escalation", "Communication", "Postmortems", "Reports", "Api"],
    };

    public static TheoryData<string> Folders => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_knows_only_what_the_design_lets_it_know(string folder)
    {
        var files = Directory.GetFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var known = Known().Matches(File.ReadAllText(file)).Select(match => match.Groups["folder"].Value).Distinct(StringComparer.Ordinal);
            Assert.Empty(known.Except(Allowed[folder]).Except([folder, "Runtime", "Hosting"]).Select(name => $"{Path.GetFileName(file)} knows {name}"));
        }
    }

    [Fact]
    public void Every_folder_of_Shared_has_its_arrows()
    {
        var folders = Directory.GetDirectories(Source).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj"));
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore", "Api")] // the only folder that knows ASP.NET
    [InlineData("Microsoft.Extensions.DependencyInjection", "Hosting")] // put together in one place
    public void A_framework_is_known_in_one_folder(string framework, string only)
    {
        var knowing = Directory.GetFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains($"using {framework}", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar)[0])
            .Distinct(StringComparer.Ordinal);
        Assert.Equal([only], knowing);
    }

    [Fact]
    public void Shared_knows_no_store_and_no_cloud()
    {
        var project = RepositoryFile.Read("src/Shared/Pipeline.Shared.csproj");
        Assert.DoesNotContain("Sqlite", project, StringComparison.Ordinal);
        Assert.DoesNotContain("Azure", project, StringComparison.Ordinal);
    }

    private static string Source => Path.GetDirectoryName(RepositoryFile.PathOf("src/Shared/Pipeline.Shared.csproj"))!;

    [GeneratedRegex(@"\bPipeline\.(?<folder>[A-Z][A-Za-z]+)(?=[.;])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Known();
}
