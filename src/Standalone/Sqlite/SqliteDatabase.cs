using Microsoft.Data.Sqlite;
using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// One SQLite file in WAL mode with <c>synchronous=FULL</c>: a commit is on disk when it returns. One thread writes; it takes
/// all writes that wait into one transaction, so the price of a sync is shared. Readers have connections of their own and never wait for it.
/// The file belongs to one process at a time.
/// </summary>
internal sealed class SqliteDatabase : IReadiness, IAsyncDisposable
{
    // The log is started anew at 32 MiB (SqliteCheckpointer); what a great transaction made of it beyond this is given back.
    private const string WriterPragmas =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864; " +
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192; PRAGMA busy_timeout=5000;";

    private const string ReaderPragmas = "PRAGMA query_only=ON; PRAGMA busy_timeout=5000; PRAGMA cache_size=-1024;";
    private const string CheckpointerPragmas = "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;";

    // Numbers of one opening: 2^40 of them, and 2^23 openings.
    private const int BitsOfOneOpening = 40;

    private readonly DatabaseLock held;
    private readonly SqliteConnection writing;
    private readonly SqliteCheckpointer checkpointer;
    private readonly SqliteWriter writer;
    private readonly SqliteReaders readers;
    private long lastNumber;
    private bool isDisposed;

    // The first damage met, for as long as the program runs: what is damaged once stays so.
    private volatile StoreUnavailableException? damage;

    private SqliteDatabase(string path, DatabaseLock held, SqliteConnection writing, IReadOnlyList<string> uncheckedTables)
    {
        Path = path;
        UncheckedTables = uncheckedTables;
        this.held = held;
        this.writing = writing;
        lastNumber = SqliteSchema.CountOpening(writing) << BitsOfOneOpening;
        checkpointer = new SqliteCheckpointer(Connect(path, CheckpointerPragmas));
        writer = new SqliteWriter(path, writing, checkpointer, NoteDamage);
        readers = new SqliteReaders(path, () => Connect(path, ReaderPragmas), NoteDamage);
    }

    public string Path { get; }

    /// <summary>Why what the program remembers may not be what the file holds, until a restart; null where it is.</summary>
    public Exception? FaultAfterCommit => writer.FaultAfterCommit;

    /// <summary>What the start had no time to look through for damage; mostly none.</summary>
    public IReadOnlyList<string> UncheckedTables { get; }

    string IReadiness.Name => "store";

    /// <summary>Opens or creates the file and brings its schema up to date.</summary>
    /// <exception cref="DatabaseInUseException">Another process, or another part of this one, has it open.</exception>
    /// <exception cref="SchemaTooNewException">A newer version of the program wrote it.</exception>
    /// <exception cref="StoreUnavailableException">It can't be read or written, is damaged, or has lost its file beside its log.</exception>
    public static SqliteDatabase Open(string path)
    {
        DatabaseFiles.RefuseOrphanedLog(path);
        var taken = DatabaseLock.Take(path);
        SqliteConnection? connection = null;
        try
        {
            connection = Connect(path, WriterPragmas);
            RequireWal(connection);
            var uncheckedTables = DatabaseCheck.Run(connection, DatabaseCheck.Patience, TimeProvider.System);
            SqliteSchema.Migrate(connection);
            return new SqliteDatabase(path, taken, connection, uncheckedTables);
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            taken.Dispose();
            if (exception is SqliteException)
            {
                throw DatabaseCheck.IsDamage(exception) ? DatabaseCheck.Damaged(path, exception.Message) : new StoreUnavailableException(
                    $"{path} can't be opened: {exception.Message} Check the file, its folder's permissions and the free space, or point --data at another folder.",
                    exception);
            }

            throw;
        }
    }

    /// <summary>
    /// Runs <paramref name="write"/> on the writer thread inside the group's transaction and completes when that is committed.
    /// If it throws, what it wrote is rolled back, alone; the exception comes back to the caller. It holds up every other write, so it
    /// should take milliseconds.
    /// </summary>
    /// <param name="committed">
    /// Runs on the writer thread after the commit and before the task completes, in the order of the commits. If it throws, the write has
    /// happened all the same; <see cref="FaultAfterCommit"/> keeps the exception.
    /// </param>
    /// <exception cref="StoreUnavailableException">The transaction could not be committed, or the database is closing.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteStatements, T> write, Action<T>? committed = null)
    {
        var item = new SqliteWrite<T>(write, committed);
        Enqueue(item);
        return item.Task;
    }

    /// <summary>For a write so frequent that a delegate and a task each would count.</summary>
    /// <exception cref="StoreUnavailableException">The database is closing.</exception>
    public void Enqueue(SqliteWrite write) => writer.Enqueue(write);

    /// <summary>
    /// Runs <paramref name="read"/> on a reader's connection. Each of its statements sees all that was committed before it began.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The file can't be read, or is closed.</exception>
    public T Read<T>(Func<SqliteStatements, T> read) => readers.Read(read);

    /// <summary>Says whether damage was met since the start; what else may be wrong shows in the health probe's own write.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => damage is { } found ? Task.FromException(found) : Task.CompletedTask;

    /// <summary>A number that this file never gave before, not before a restart either. Later ones are greater.</summary>
    public long NextNumber() => Interlocked.Increment(ref lastNumber);

    /// <summary>Finishes the writes that wait, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, true))
        {
            return;
        }

        await writer.EndAsync().ConfigureAwait(false);
        checkpointer.Dispose();
        readers.Dispose();
        await writing.DisposeAsync().ConfigureAwait(false);
        held.Dispose();
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only constant text of this assembly comes here.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private void NoteDamage(SqliteException exception) => damage ??= DatabaseCheck.Damaged(Path, exception.Message);

    private static SqliteConnection Connect(string path, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, pragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void RequireWal(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        if (command.ExecuteScalar() is not "wal")
        {
            throw new StoreUnavailableException(
                $"{connection.DataSource} is on a file system without shared memory, which the write-ahead log needs. Point --data at a folder on a local disk.");
        }
    }
}
