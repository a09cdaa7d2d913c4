using Microsoft.Data.Sqlite;
using Pipeline.Runtime;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Xunit;

namespace Pipeline.Standalone.Tests.Sqlite;

public sealed class DamagedDatabaseTests : IAsyncDisposable
{
    private const int PageSize = 4096;

    private readonly DatabaseFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Theory]
    // An index row's page, a post's, a message's.
    [InlineData("entities")]
    [InlineData("posts")]
    [InlineData("messages")]
    public async Task R7_A_damaged_page_is_found_at_start_and_the_start_is_refused_with_what_to_do(string table)
    {
        await FillAsync();
        var page = await RootOfAsync(table);
        await folder.Database.DisposeAsync();
        await DamageAsync(page);

        var refused = Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(folder.File));

        Assert.True(refused.IsCorrupt);
        Assert.StartsWith($"{folder.File} is damaged: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Restore a backup", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(folder.File));
    }

    [Fact]
    public async Task R7_Damage_that_is_met_later_is_remembered_though_other_tables_can_still_be_written()
    {
        await FillAsync();
        var page = await RootOfAsync("messages");
        await folder.ReopenAsync();
        Assert.True(folder.Database.CheckAsync(Token).IsCompletedSuccessfully);
        await DamageAsync(page);

        var read = Assert.Throws<StoreUnavailableException>(() => folder.Database.Read(statements => statements.Scalar("SELECT sum(length(body)) FROM messages")));
        Assert.True(read.IsCorrupt);

        var remembered = await Assert.ThrowsAsync<StoreUnavailableException>(() => folder.Database.CheckAsync(Token));
        Assert.True(remembered.IsCorrupt);
        await folder.Database.WriteAsync(statements => statements.Run("INSERT INTO progress (name, value) VALUES ('test', 1)"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => folder.Database.CheckAsync(Token));
    }

    [Fact]
    public async Task R7_Damage_that_a_write_meets_is_remembered_too()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(() => folder.Database.WriteAsync<int>(_ => throw new SqliteException("database disk image is malformed", 11)));

        Assert.True((await Assert.ThrowsAsync<StoreUnavailableException>(() => folder.Database.CheckAsync(Token))).IsCorrupt);
    }

    [Fact]
    public async Task R7_A_full_disk_is_no_damage()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(() => folder.Database.WriteAsync<int>(_ => throw new SqliteException("database or disk is full", 13)));

        Assert.True(folder.Database.CheckAsync(Token).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task R7_A_check_whose_time_is_over_names_what_it_did_not_reach_and_the_archive_is_the_last()
    {
        await using var connection = new SqliteConnection($"Data Source={folder.File};Pooling=False");
        connection.Open();

        Assert.Equal("posts", DatabaseCheck.Run(connection, TimeSpan.Zero, new ManualTimeProvider())[^1]);
        Assert.Empty(DatabaseCheck.Run(connection, DatabaseCheck.Patience, new ManualTimeProvider()));
        Assert.Empty(folder.Database.UncheckedTables);
    }

    [Theory]
    // The file is gone; it is empty.
    [InlineData(false)]
    [InlineData(true)]
    public async Task R7_A_log_without_its_database_is_not_begun_anew(bool isEmpty)
    {
        await FillAsync();
        var lost = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(folder.File)!, "lost"));
        var file = Path.Combine(lost.FullName, "pipeline.db");
        File.Copy(folder.File + "-wal", file + "-wal");
        if (isEmpty)
        {
            await File.WriteAllBytesAsync(file, [], Token);
        }

        var log = await File.ReadAllBytesAsync(file + "-wal", Token);
        var refused = Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(file));

        Assert.Equal(
            $"{file} is {(isEmpty ? "empty" : "missing")}, but {file}-wal of it is still there. " +
            "Put the database file back, because they belong together; to begin with nothing, move them away.",
            refused.Message);
        Assert.Equal(log, await File.ReadAllBytesAsync(file + "-wal", Token));
        Assert.Equal(isEmpty, File.Exists(file));
        File.Delete(file + "-wal");
        await SqliteDatabase.Open(file).DisposeAsync();
    }

    [Fact]
    public async Task R7_A_crash_s_log_beside_its_database_is_taken_in()
    {
        await FillAsync();
        var copy = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(folder.File)!, "crashed"));
        var file = Path.Combine(copy.FullName, "pipeline.db");
        await ShellAsync($"cp {folder.File} {folder.File}-wal {copy.FullName}");

        await using var database = SqliteDatabase.Open(file);

        Assert.Equal(20L, database.Read(statements => statements.Scalar("SELECT count(*) FROM posts")));
    }

    private async Task FillAsync() => await folder.Database.WriteAsync(statements =>
    {
        for (var i = 0; i < 20; i++)
        {
            var body = new byte[3000];
            statements.Run("INSERT INTO entities (partition_key, row_key, etag, document) VALUES ('p', $1, 0, $2)", i, body);
            statements.Run("INSERT INTO posts (id, received_at, source, body) VALUES ($1, 0, 'prometheus', $2)", 1000 + i, body);
            statements.Run(
                "INSERT INTO messages (sequence, queue, session_id, message_id, enqueued_at, visible_at, delivery_count, body) VALUES ($1, 'q', 's', $2, 0, 0, 0, $3)",
                1000 + i,
                $"m{i}",
                body);
        }

        return 0;
    });

    /// <summary>The first page of a table, in the database file and no longer in the log.</summary>
    private async Task<long> RootOfAsync(string table)
    {
        var root = folder.Database.Read(statements => (long)statements.Scalar("SELECT rootpage FROM sqlite_schema WHERE name = $1", table)!);
        await folder.Database.DisposeAsync();
        await folder.ReopenAsync();
        return root;
    }

    private Task DamageAsync(long page) =>
        ShellAsync($"head -c {PageSize} /dev/zero | tr '\\0' '\\245' | dd of={folder.File} bs={PageSize} seek={page - 1} conv=notrunc status=none");

    /// <summary>By another process: this one holds the file, and closing it here would take SQLite's locks.</summary>
    private static async Task ShellAsync(string command)
    {
        var (exitCode, output) = await ChildProcess.RunAsync("sh", ["-c", command], TimeSpan.FromSeconds(30), Token);
        Assert.True(exitCode == 0, output);
    }
}
