using System.Runtime.CompilerServices;

namespace Pipeline.Tests.Support;

/// <summary>Files of the repository that tests hold against the code: the sample configuration, the documentation.</summary>
public static class RepositoryFile
{
    public static string PathOf(string name) => Path.Combine(Root(), name);

    public static string Read(string name) => File.ReadAllText(PathOf(name));

    private static string Root([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
