using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests;

/// <summary>The arrows of the design, held against the compiled code: which room of Shared may use which.</summary>
public sealed class ArchitectureTests
{
    private const string Root = "Pipeline.";

    // Everything may use Runtime, and of Hosting the configuration model.
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

    // What composes the capabilities. The rest of Hosting is records that anybody may read.
    private static readonly string[] Composition = ["PipelineServices", "Housekeeping"];

    private static readonly System.Reflection.Assembly Shared = typeof(PipelineJson).Assembly;
    private static readonly Architecture Product = new ArchLoader().LoadAssemblies(Shared).Build();
    private static readonly Lazy<Architecture> WithPlanted = new(() => new ArchLoader().LoadAssemblies(Shared, typeof(ArchitectureTests).Assembly).Build());

    /// <summary>The name of the type in PlantedArrows.cs, and whom it uses where it may not.</summary>
    public static TheoryData<string, string> Planted => new()
    {
        // Each way in which compiled code can name a type.
        { "BaseType", "Pipeline.Notifications" },
        { "Field", "Pipeline.Escalation" },
        { "Parameter", "Pipeline.Notifications" },
        { "GenericArgument", "Pipeline.Incidents" },
        { "CallInABody", "Pipeline.Incidents" },
        { "CallInALambda", "Pipeline.Incidents" },
        { "CallInAnAsyncMethod", "Pipeline.Incidents" },
        { "TypeOf", "Pipeline.Postmortems" },
        { "FullyQualified", "Pipeline.Reports" },
        { "ComposesTheProduct", "Pipeline.Hosting" },
    };

    [Fact]
    public void Dash5_A_room_uses_only_what_the_design_lets_it_use() => Assert.Empty(ForbiddenArrows(Product).Select(arrow => $"{arrow.From} uses {arrow.To}"));

    [Theory]
    [MemberData(nameof(Planted))]
    public void Dash5_A_planted_arrow_is_found(string type, string used)
    {
        Assert.Contains(
            ForbiddenArrows(WithPlanted.Value),
            arrow => arrow.From == $"Pipeline.Alerts.Planted.{type}" && arrow.To.StartsWith(used + ".", StringComparison.Ordinal));
    }

    [Fact]
    public void Dash5_What_is_allowed_is_not_found()
    {
        Assert.DoesNotContain(ForbiddenArrows(WithPlanted.Value), arrow => arrow.From == "Pipeline.Incidents.Planted.ReadsAlertsAndConfiguration");
    }

    [Fact]
    public void Every_folder_of_Shared_has_its_arrows()
    {
        var source = Path.GetDirectoryName(RepositoryFile.PathOf("src/Shared/Pipeline.Shared.csproj"))!;
        var folders = Directory.GetDirectories(source).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj"));
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore", "Api")] // the only room that knows ASP.NET
    [InlineData("Microsoft.Extensions.DependencyInjection", "Hosting")] // put together in one place
    public void Dash5_A_framework_is_used_in_one_room(string framework, string only) =>
        Assert.Equal([only], RoomsUsing(Product, framework));

    [Fact]
    public void Dash5_Shared_knows_no_store_and_no_cloud()
    {
        string[] stores = ["Azure", "Microsoft.Azure", "Microsoft.DurableTask", "Microsoft.Data", "SQLite"];
        var known = Shared.GetReferencedAssemblies().Select(assembly => assembly.Name!);
        Assert.DoesNotContain(known, name => stores.Any(store => name.StartsWith(store, StringComparison.Ordinal)));
        var project = RepositoryFile.Read("src/Shared/Pipeline.Shared.csproj");
        Assert.DoesNotContain("Sqlite", project, StringComparison.Ordinal);
        Assert.DoesNotContain("Azure", project, StringComparison.Ordinal);
    }

    private static IEnumerable<(string From, string To)> ForbiddenArrows(Architecture architecture) =>
        from type in architecture.Types
        let room = RoomOf(type)
        where room is not null
        from target in type.Dependencies.Select(dependency => dependency.Target).Distinct()
        let used = RoomOf(target)
        where used is not null && used != room && used != "Runtime" && !Allowed[room].Contains(used, StringComparer.Ordinal)
            && (used != "Hosting" || Composition.Contains(target.Name, StringComparer.Ordinal))
        select (type.FullName, target.FullName);

    private static IEnumerable<string> RoomsUsing(Architecture architecture, string framework) => architecture.Types
        .Where(type => RoomOf(type) is not null && type.Dependencies.Any(dependency => IsInside(dependency.Target, framework)))
        .Select(type => RoomOf(type)!)
        .Distinct(StringComparer.Ordinal);

    private static bool IsInside(IType type, string space) =>
        SpaceOf(type) == space || SpaceOf(type).StartsWith(space + ".", StringComparison.Ordinal);

    // A parameter of a generic type is in no namespace.
    private static string SpaceOf(IType type) => type.Namespace?.FullName ?? "";

    private static string? RoomOf(IType type)
    {
        var space = SpaceOf(type);
        var room = space.StartsWith(Root, StringComparison.Ordinal) ? space[Root.Length..].Split('.')[0] : null;
        return room is not null && Allowed.ContainsKey(room) ? room : null;
    }
}
