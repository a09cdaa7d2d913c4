using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Pipeline.Functions.Hosting;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>The tests run on the stand-in of the Service Bus extension, which must not run in Azure.</summary>
public sealed class StandInTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    // The official package runs anywhere.
    [InlineData(false, "incidents.azurewebsites.net", StandInMeaning.Nothing)]
    [InlineData(false, "localhost:7071", StandInMeaning.Nothing)]
    // No Functions host.
    [InlineData(true, null, StandInMeaning.Nothing)]
    [InlineData(true, "", StandInMeaning.Nothing)]
    // "func start".
    [InlineData(true, "localhost:7071", StandInMeaning.Warn)]
    [InlineData(true, "localhost", StandInMeaning.Warn)]
    [InlineData(true, "127.0.0.1:7071", StandInMeaning.Warn)]
    [InlineData(true, "0.0.0.0:7071", StandInMeaning.Warn)]
    // Azure, whatever its name begins with.
    [InlineData(true, "incidents.azurewebsites.net", StandInMeaning.Refuse)]
    [InlineData(true, "localhost.azurewebsites.net", StandInMeaning.Refuse)]
    internal void Z1_An_app_on_the_stand_in_runs_on_ones_own_machine_only(bool isUsed, string? siteName, StandInMeaning meaning) =>
        Assert.Equal(meaning, StandIn.Decide(isUsed, siteName));

    [Fact]
    public void Z1_The_stand_in_is_known_by_its_mark()
    {
        var fault = Assert.Throws<InvalidOperationException>(() => StandIn.Check(At("incidents.azurewebsites.net"), TextWriter.Null));
        Assert.Contains("alerts would be accepted in Azure and never handled", fault.Message, StringComparison.Ordinal);
        using var console = new StringWriter();
        StandIn.Check(At("localhost:7071"), console);
        Assert.StartsWith("Warning: the app is built on a stand-in", console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Z1_Publishing_the_stand_in_fails_with_one_line_that_says_what_to_do()
    {
        var project = RepositoryFile.PathOf("src/Functions/Pipeline.Functions.csproj");
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-t:FailOnTheStandIn", "-nologo", "-v:q", "-nr:false"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Remove("OfficialServiceBus");
        using var build = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var texts = await Task.WhenAll(build.StandardOutput.ReadToEndAsync(patience.Token), build.StandardError.ReadToEndAsync(patience.Token));
        await build.WaitForExitAsync(patience.Token);
        Assert.NotEqual(0, build.ExitCode);
        var line = Assert.Single(string.Concat(texts).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Contains("error : Pipeline.Functions is not published: instead of", line, StringComparison.Ordinal);
        Assert.Contains("Publish with -p:OfficialServiceBus=true", line, StringComparison.Ordinal);
    }

    private static IConfiguration At(string siteName) =>
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>(AzureSettings.SiteName, siteName)]).Build();
}
