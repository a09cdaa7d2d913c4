using System.Diagnostics;
using System.Reflection;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>The Bicep compiler and its linter have nothing to say about infra/; an error and a warning both fail.</summary>
public sealed class BicepTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("**/*.bicep")]
    [InlineData("*.bicepparam")]
    public async Task Every_file_compiles_without_a_warning(string files)
    {
        var infra = RepositoryFile.PathOf("infra");
        Assert.NotEmpty(Directory.GetFiles(infra, Path.GetFileName(files), SearchOption.AllDirectories));
        using var bicep = Process.Start(new ProcessStartInfo(Compiler(), ["lint", "--pattern", files])
        {
            WorkingDirectory = infra,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var texts = await Task.WhenAll(
            bicep.StandardOutput.ReadToEndAsync(patience.Token), bicep.StandardError.ReadToEndAsync(patience.Token));
        await bicep.WaitForExitAsync(patience.Token);
        Assert.Equal("", string.Concat(texts).Trim());
        Assert.Equal(0, bicep.ExitCode);
    }

    /// <summary>Returns where the package has its compiler, which is for Linux on x64. Elsewhere skips the test.</summary>
    private static string Compiler()
    {
        var isForThisMachine = OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture
            == System.Runtime.InteropServices.Architecture.X64;
        Assert.SkipUnless(isForThisMachine, "The pinned package has the Bicep compiler for Linux on x64.");
        return typeof(BicepTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "BicepPath").Value!;
    }
}
