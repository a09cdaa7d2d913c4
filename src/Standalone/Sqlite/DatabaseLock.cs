using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// Keeps other processes away from a database file while this one has it open: SQLite itself would let a second one in, and both would
/// hand out the same messages and timers.
/// </summary>
/// <remarks>
/// On Linux the database file itself is locked, with flock(2): a lock file can be deleted under a running program, and whoever deletes the
/// database file leaves its log behind, which stops the next start. SQLite locks with fcntl(2), which Linux keeps apart on local disks;
/// macOS does not, and Windows would keep SQLite out. There the lock file alone has to do; on Linux it also keeps out versions that know
/// only it. SQLite's <c>locking_mode=EXCLUSIVE</c> would shut out our own readers and <c>sqlite3 .backup</c>.
/// </remarks>
internal sealed class DatabaseLock : IDisposable
{
    // What is open in this process is known here and never asked of the system: closing any descriptor of a file drops SQLite's locks on it (fcntl(2)).
    private static readonly HashSet<string> OpenHere = new(StringComparer.Ordinal);

    private readonly string fullPath;
    private readonly List<FileStream> held = [];

    private DatabaseLock(string fullPath) => this.fullPath = fullPath;

    /// <exception cref="DatabaseInUseException">Another process, or another part of this one, has it open.</exception>
    /// <exception cref="StoreUnavailableException">It can't be read or written.</exception>
    public static DatabaseLock Take(string path)
    {
        var taken = new DatabaseLock(Path.GetFullPath(path));
        lock (OpenHere)
        {
            if (!OpenHere.Add(taken.fullPath))
            {
                throw new DatabaseInUseException(path);
            }
        }

        try
        {
            taken.Hold(path, path + ".lock");
            if (OperatingSystem.IsLinux())
            {
                taken.Hold(path, path);
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>To be called when every connection to the file is closed.</summary>
    public void Dispose()
    {
        foreach (var file in held)
        {
            file.Dispose();
        }

        lock (OpenHere)
        {
            OpenHere.Remove(fullPath);
        }
    }

    /// <summary>What a failed try to open a file for oneself alone means.</summary>
    internal static Exception Explain(string path, Exception exception) => exception switch
    {
        IOException when IsHeldByAnother(exception) => new DatabaseInUseException(path, exception),
        UnauthorizedAccessException or DirectoryNotFoundException => new StoreUnavailableException(
            $"{path} can't be opened: {exception.Message} Create the folder and let this user write it, or point --data at another one.", exception),
        _ => new StoreUnavailableException(
            $"{path} can't be opened: {exception.Message} Check that its file system can be written and has space left, or point --data at another folder.", exception),
    };

    private void Hold(string path, string file)
    {
        try
        {
            held.Add(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Explain(path, exception);
        }
    }

    // The system's own number: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static bool IsHeldByAnother(Exception exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}

/// <summary>Another process has the file open.</summary>
internal sealed class DatabaseInUseException(string path, Exception? innerException = null) : Exception(
    $"{path} is in use by another process. Stop that process, or point --data at another folder.", innerException);
