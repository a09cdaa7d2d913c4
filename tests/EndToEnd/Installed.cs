using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

/// <summary>Programs of the distribution that a test needs: skips it where one is missing, and fails it where CI promised to install them.</summary>
internal static class Installed
{
    public static string Prometheus => Need(InstalledProgram.Prometheus, "prometheus");

    public static string Alertmanager => Need(InstalledProgram.Alertmanager, "prometheus-alertmanager");

    public static string Amtool => Need(InstalledProgram.Amtool, "prometheus-alertmanager");

    private static string Need(string? path, string package)
    {
        if (path is not null)
        {
            return path;
        }

        var reason = $"Needs the Debian package {package}: apt-get install {package}";
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
        return "";
    }
}
