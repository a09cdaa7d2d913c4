using Microsoft.Data.Sqlite;
using Pipeline.Runtime;
using Pipeline.Standalone.Sqlite;
using Xunit;

namespace Pipeline.Standalone.Tests.Sqlite;

public sealed class SqliteDatabaseTests : IAsyncDisposable
{
    private readonly DatabaseFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task A_failing_write_is_rolled_back_alone_while_the_others_of_its_group_commit()
    {
        var writes = await GroupAsync(
            statements => Insert(statements, "a", 1),
            statements =>
            {
                Insert(statements, "b", 2);
                throw new FormatException("the caller's own fault");
            },
            statements => Insert(statements, "a", 3),
            statements => Insert(statements, "c", 4));

        Assert.Equal([true, false, false, true], writes.Select(write => write.IsCompletedSuccessfully));
        Assert.Equal("the caller's own fault", (await Assert.ThrowsAsync<FormatException>(() => writes[1])).Message);
        await Assert.ThrowsAsync<SqliteException>(() => writes[2]);
        Assert.Equal(["a=1", "c=4"], Rows());
    }

    [Fact]
    public async Task A_store_fault_fails_the_whole_group_and_the_writer_goes_on()
    {
        var writes = await GroupAsync(
            statements => Insert(statements, "a", 1),
            _ => throw new SqliteException("disk I/O error", 10),
            statements => Insert(statements, "b", 2));

        foreach (var write in writes)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => write);
        }

        Assert.Empty(Rows());
        await folder.Database.WriteAsync(statements => Insert(statements, "c", 3));
        Assert.Equal(["c=3"], Rows());
    }

    [Fact]
    public async Task What_is_told_of_a_commit_comes_in_order_and_before_the_caller_goes_on()
    {
        List<int> told = [];
        for (var i = 0; i < 3; i++)
        {
            await folder.Database.WriteAsync(_ => i, told.Add);
            Assert.Equal(i, told[^1]);
        }

        await Assert.ThrowsAsync<FormatException>(() => folder.Database.WriteAsync<int>(_ => throw new FormatException(), told.Add));
        await folder.Database.WriteAsync(_ => 4, told.Add);
        Assert.Equal([0, 1, 2, 4], told);
        Assert.Null(folder.Database.FaultAfterCommit);
    }

    [Fact]
    public async Task R1_A_fault_of_who_is_told_of_a_commit_is_no_fault_of_the_write_and_is_kept()
    {
        var fault = new FormatException("what memory follows it with failed");

        await folder.Database.WriteAsync(statements => Insert(statements, "a", 1), _ => throw fault);

        Assert.Equal(["a=1"], Rows());
        Assert.Same(fault, folder.Database.FaultAfterCommit);
        await folder.Database.WriteAsync(statements => Insert(statements, "b", 2));
        Assert.Equal(["a=1", "b=2"], Rows());
    }

    [Fact]
    public async Task Readers_see_what_is_committed_and_do_not_wait_for_the_writer()
    {
        await folder.Database.WriteAsync(statements => Insert(statements, "a", 1));
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var write = folder.Database.WriteAsync(statements =>
        {
            Insert(statements, "b", 2);
            inside.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
            return 0;
        });

        inside.Wait(TestContext.Current.CancellationToken);
        Assert.Equal(["a=1"], Rows());
        goOn.Set();
        await write;
        Assert.Equal(["a=1", "b=2"], Rows());
    }

    [Fact]
    public void A_reader_cannot_write() =>
        Assert.Throws<StoreUnavailableException>(() => folder.Database.Read(statements => Insert(statements, "a", 1)));

    [Fact]
    public async Task A_second_opening_is_refused_until_the_first_is_closed()
    {
        var refused = Assert.Throws<DatabaseInUseException>(() => SqliteDatabase.Open(folder.File));
        Assert.Equal($"{folder.File} is in use by another process. Stop that process, or point --data at another folder.", refused.Message);

        await folder.ReopenAsync();
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        await folder.Database.WriteAsync(statements => statements.Run("PRAGMA user_version=99"));

        var refused = await Assert.ThrowsAsync<SchemaTooNewException>(folder.ReopenAsync);

        Assert.Equal(
            $"{folder.File} has schema version 99; this program knows versions up to 1. Start the newer program, or point --data at another folder.",
            refused.Message);
        Assert.Throws<SchemaTooNewException>(() => SqliteDatabase.Open(folder.File));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_with_what_to_do()
    {
        await folder.Database.DisposeAsync();
        await File.WriteAllTextAsync(folder.File, new string('x', 10_000), TestContext.Current.CancellationToken);

        var refused = Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(folder.File));
        Assert.StartsWith($"{folder.File} is damaged: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("file is not a database", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.IsCorrupt);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused_with_what_to_do()
    {
        var file = Path.Combine(folder.File + "-none", "pipeline.db");

        var refused = Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(file));
        Assert.Contains("Create the folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closing_finishes_the_writes_that_wait_and_takes_no_more()
    {
        var writes = Enumerable.Range(0, 100).Select(i => folder.Database.WriteAsync(statements => Insert(statements, $"{i:D3}", i))).ToList();
        await folder.Database.DisposeAsync();

        Assert.All(writes, write => Assert.True(write.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => folder.Database.WriteAsync(_ => 0));
        await folder.ReopenAsync();
        Assert.Equal(100, Rows().Count);
    }

    [Fact]
    public async Task The_log_is_started_anew_though_writing_never_stops()
    {
        var document = new byte[400_000];
        var salt = LogSalt();
        for (var i = 0; salt.AsSpan().SequenceEqual(LogSalt()); i++)
        {
            Assert.True(i < 1000, "400 MB were written and the log was not started anew.");
            Array.Fill(document, (byte)i);
            await folder.Database.WriteAsync(statements => statements.Run(
                "INSERT INTO entities (partition_key, row_key, etag, document) VALUES ('p', 'r', 0, $1) ON CONFLICT DO UPDATE SET document = excluded.document",
                document));
        }
    }

    [Fact]
    public async Task Numbers_grow_and_never_come_again()
    {
        var first = folder.Database.NextNumber();
        var second = folder.Database.NextNumber();
        await folder.ReopenAsync();

        Assert.True(first < second);
        Assert.True(second < folder.Database.NextNumber());
    }

    /// <summary>Bytes 16 to 23 of the write-ahead log: SQLite writes others there each time it starts the log anew.</summary>
    private byte[] LogSalt()
    {
        using var log = new FileStream(folder.File + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var salt = new byte[8];
        log.Position = 16;
        log.ReadExactly(salt);
        return salt;
    }

    /// <summary>Writes that are certain to be one group: they come while the writer is busy.</summary>
    private async Task<List<Task<int>>> GroupAsync(params Func<SqliteStatements, int>[] writes)
    {
        using var busy = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var blocker = folder.Database.WriteAsync(_ =>
        {
            busy.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
            return 0;
        });
        busy.Wait(TestContext.Current.CancellationToken);
        var tasks = writes.Select(write => folder.Database.WriteAsync(write)).ToList();
        goOn.Set();
        await blocker;
        await Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default);
        return tasks;
    }

    private static int Insert(SqliteStatements statements, string name, int value) =>
        statements.Run("INSERT INTO progress (name, value) VALUES ('test-' || $1, $2)", name, value);

    private List<string> Rows() => folder.Database.Read(statements => statements.Query(
        "SELECT substr(name, 6), value FROM progress WHERE name LIKE 'test-%' ORDER BY name",
        row => $"{row.GetString(0)}={row.GetInt64(1)}"));
}
