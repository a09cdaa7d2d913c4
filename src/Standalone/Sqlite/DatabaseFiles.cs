using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>Whether the files beside a database belong to it.</summary>
internal static class DatabaseFiles
{
    /// <summary>
    /// Throws for a database file that is missing or empty beside its write-ahead log: the log holds the last commits of a file that somebody
    /// took away, and SQLite would throw it away without a word and begin anew. A crash never leaves this, because the log is made only after
    /// the file's first page is on disk.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It is so.</exception>
    public static void RefuseOrphanedLog(string path)
    {
        var file = new FileInfo(path);
        var orphans = new[] { path + "-wal", path + "-shm" }.Where(File.Exists).ToList();
        if (file is { Exists: true, Length: > 0 } || orphans.Count == 0)
        {
            return;
        }

        throw new StoreUnavailableException(
            $"{path} is {(file.Exists ? "empty" : "missing")}, but {string.Join(" and ", orphans)} of it {(orphans.Count == 1 ? "is" : "are")} still there. " +
            "Put the database file back, because they belong together; to begin with nothing, move them away.");
    }
}
