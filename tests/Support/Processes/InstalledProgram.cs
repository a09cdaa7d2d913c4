namespace Pipeline.Tests.Support.Processes;

/// <summary>Programs of the distribution and of npm, found on the path.</summary>
public static class InstalledProgram
{
    /// <summary>The first of <paramref name="names"/> that is installed, or null.</summary>
    public static string? Find(params IReadOnlyList<string> names)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    /// <summary>Debian's name, then the one of the project's own archives.</summary>
    public static string? Alertmanager => Find("prometheus-alertmanager", "alertmanager");

    public static string? Prometheus => Find("prometheus");

    public static string? Amtool => Find("amtool");

    /// <summary>Azurite's Table service alone, from the npm package azurite.</summary>
    public static string? AzuriteTable => Find("azurite-table") ?? FindInNpmPrefix("azurite-table");

    // The prefix that npm's documentation tells those to set who may not write to the system's; a test run needn't have it on its path.
    private static string? FindInNpmPrefix(string name)
    {
        var path = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".npm-global", "bin", name);
        return File.Exists(path) ? path : null;
    }
}
