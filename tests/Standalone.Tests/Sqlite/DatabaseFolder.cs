using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Tests.Sqlite;

/// <summary>A database in a folder of its own, which goes with it.</summary>
internal sealed class DatabaseFolder : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-sqlite-").FullName;

    public DatabaseFolder() => Database = SqliteDatabase.Open(File);

    public string File => Path.Combine(folder, "pipeline.db");

    public SqliteDatabase Database { get; private set; }

    /// <summary>Closes the file and opens it again, as the next start of the program would.</summary>
    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = SqliteDatabase.Open(File);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
