using Pipeline.Runtime;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Support.Processes;
using Xunit;

namespace Pipeline.Standalone.Tests.Sqlite;

public sealed class DatabaseLockTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DatabaseFolder folder = new();

    public static TheoryData<Exception, Type, string> Faults => new()
    {
        // Another process holds it, in the numbers of Linux, macOS and Windows.
        { new IOException("held", 11), typeof(DatabaseInUseException), "is in use by another process" },
        { new IOException("held", 35), typeof(DatabaseInUseException), "is in use by another process" },
        { new IOException("held", unchecked((int)0x80070020)), typeof(DatabaseInUseException), "is in use by another process" },

        // A file system mounted to be read only; one that is full.
        { new IOException("Read-only file system : '/data/pipeline.db.lock'", 30), typeof(StoreUnavailableException), "Read-only file system" },
        { new IOException("No space left on device : '/data/pipeline.db.lock'", 28), typeof(StoreUnavailableException), "has space left" },

        // Somebody else's folder; none.
        { new UnauthorizedAccessException("Access to the path is denied."), typeof(StoreUnavailableException), "let this user write it" },
        { new DirectoryNotFoundException("Could not find a part of the path."), typeof(StoreUnavailableException), "Create the folder" },
    };

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Theory]
    [MemberData(nameof(Faults))]
    public void R11_What_keeps_the_file_from_being_opened_is_called_by_its_name(Exception fault, Type expected, string says)
    {
        var explained = DatabaseLock.Explain("/data/pipeline.db", fault);

        Assert.IsType(expected, explained);
        Assert.StartsWith("/data/pipeline.db ", explained.Message, StringComparison.Ordinal);
        Assert.Contains(says, explained.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', explained.Message);
    }

    [Fact]
    public async Task R13_A_second_process_is_kept_out_also_after_the_lock_file_is_deleted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a lock file that is open can't be deleted, or is all there is.");
        File.Delete(folder.File + ".lock");

        var (exitCode, output) = await ServeAsync();

        Assert.Equal($"Can't start: {folder.File} is in use by another process. Stop that process, or point --data at another folder.", output);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task R13_A_refused_second_opening_leaves_SQLite_s_own_locks_as_they_are()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there the system lists its locks.");
        await folder.Database.WriteAsync(statements => statements.Run("INSERT INTO progress (name, value) VALUES ('test', 1)"));
        var before = await SqliteLocksAsync();

        Assert.Throws<DatabaseInUseException>(() => SqliteDatabase.Open(folder.File));

        Assert.NotEmpty(before);
        Assert.Equal(before, await SqliteLocksAsync());
    }

    [Fact]
    public async Task R13_The_database_file_deleted_under_a_running_program_keeps_a_second_one_out_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a file that is open can't be deleted.");
        File.Delete(folder.File + ".lock");
        File.Delete(folder.File);

        var (exitCode, output) = await ServeAsync();

        Assert.StartsWith($"Can't start: {folder.File} is missing, but {folder.File}-wal", output, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
    }

    /// <summary>The locks that this process holds on the database file by fcntl(2), as proc_locks(5) has them.</summary>
    private async Task<IReadOnlyList<string>> SqliteLocksAsync()
    {
        var (_, inode) = await ChildProcess.RunAsync("stat", ["-c", "%i", folder.File], Patience, TestContext.Current.CancellationToken);
        return [.. File.ReadLines("/proc/locks")
            .Where(line => line.Contains("POSIX", StringComparison.Ordinal) && line.Contains($":{inode.Trim()} ", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("POSIX", StringComparison.Ordinal)..])
            .Order(StringComparer.Ordinal)];
    }

    private Task<(int ExitCode, string Output)> ServeAsync() => ChildProcess.RunAsync(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "Pipeline.Standalone.dll"), "serve", "--urls", "http://127.0.0.1:0", "--data", Path.GetDirectoryName(folder.File)!],
        Patience,
        TestContext.Current.CancellationToken);
}
