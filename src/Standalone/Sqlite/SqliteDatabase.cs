using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// One SQLite file in WAL mode with <c>synchronous=FULL</c>: a commit is on disk when it returns. One thread writes; it takes
/// all writes that wait into one transaction, so the price of a sync is shared. Readers have connections of their own and never wait for it.
/// </summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private const int MaxGroup = 512;
    private readonly BlockingCollection<PendingWrite> pending = [];
    private readonly ConcurrentBag<SqliteReader> idleReaders = [];
    private readonly string readers;
    private readonly SqliteConnection writing;
    private readonly Thread writerThread;
    private readonly TaskCompletionSource writerEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SqliteDatabase(string path, string connectionString, SqliteConnection writer)
    {
        Path = path;
        readers = connectionString;
        writing = writer;
        writerThread = new Thread(WriteLoop) { IsBackground = true, Name = "sqlite-writer" };
        writerThread.Start();
    }

    public string Path { get; }

    /// <summary>Opens or creates the file and brings its schema up to date.</summary>
    /// <exception cref="SchemaTooNewException">A newer version of the program wrote it.</exception>
    public static SqliteDatabase Open(string path)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
        var writer = new SqliteConnection(connectionString);
        try
        {
            writer.Open();
            Execute(writer, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768; PRAGMA busy_timeout=5000;");
            SqliteSchema.Migrate(writer);
            return new SqliteDatabase(path, connectionString, writer);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs <paramref name="write"/> on the writer thread inside the group's transaction and completes when that is committed.
    /// If it throws, what it wrote is rolled back, alone; the exception comes back to the caller.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The transaction could not be committed, or the database is closing.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteStatements, T> write)
    {
        var item = new PendingWrite<T>(write);
        try
        {
            pending.Add(item);
        }
        catch (InvalidOperationException exception)
        {
            throw new StoreUnavailableException("The database is closing.", exception);
        }

        return item.Task;
    }

    /// <summary>Runs <paramref name="read"/> on a reader's connection, which sees all that was committed before.</summary>
    public T Read<T>(Func<SqliteStatements, T> read)
    {
        if (!idleReaders.TryTake(out var reader))
        {
            reader = new SqliteReader(readers);
        }

        try
        {
            var result = read(reader.Statements);
            idleReaders.Add(reader);
            return result;
        }
        catch (SqliteException exception)
        {
            reader.Dispose();
            throw new StoreUnavailableException($"Reading {Path} failed: {exception.Message}", exception);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        pending.CompleteAdding();
        await writerEnded.Task.ConfigureAwait(false);
        while (idleReaders.TryTake(out var reader))
        {
            reader.Dispose();
        }

        writing.Dispose();
        pending.Dispose();
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only constant text of this assembly comes here.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private void WriteLoop()
    {
        using var statements = new SqliteStatements(writing);
        var group = new List<PendingWrite>(MaxGroup);
        foreach (var first in pending.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            while (group.Count < MaxGroup && pending.TryTake(out var next))
            {
                group.Add(next);
            }

            WriteGroup(statements, group);
        }

        writerEnded.SetResult();
    }

    private static void WriteGroup(SqliteStatements statements, List<PendingWrite> group)
    {
        try
        {
            statements.Run("BEGIN IMMEDIATE");
            foreach (var item in group)
            {
                item.Run(statements, isAlone: group.Count == 1);
            }

            statements.Run("COMMIT");
        }
        catch (Exception exception)
        {
            statements.TryRollback();
            var unavailable = new StoreUnavailableException($"Writing failed: {exception.Message}", exception);
            foreach (var item in group)
            {
                item.Fail(unavailable);
            }

            return;
        }

        foreach (var item in group)
        {
            item.Complete();
        }
    }

    private abstract class PendingWrite
    {
        public abstract void Run(SqliteStatements statements, bool isAlone);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class PendingWrite<T>(Func<SqliteStatements, T> write) : PendingWrite
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;
        private Exception? fault;

        public Task<T> Task => completion.Task;

        public override void Run(SqliteStatements statements, bool isAlone)
        {
            // A write that fails takes back its own rows only: the others of its group must not suffer.
            statements.Run("SAVEPOINT one");
            try
            {
                result = write(statements);
                statements.Run("RELEASE one");
            }
            catch (Exception exception) when (!IsStoreFault(exception))
            {
                fault = exception;
                statements.Run("ROLLBACK TO one");
                statements.Run("RELEASE one");
            }
        }

        public override void Complete()
        {
            if (fault is null)
            {
                completion.SetResult(result);
            }
            else
            {
                completion.SetException(fault);
            }
        }

        public override void Fail(Exception exception) => completion.SetException(exception);

        // Full disk, I/O error, corruption: SQLite may have rolled the whole transaction back already.
        private static bool IsStoreFault(Exception exception) =>
            exception is SqliteException { SqliteErrorCode: 10 or 11 or 13 or 5 or 8 or 26 or 7 };
    }

    private sealed class SqliteReader : IDisposable
    {
        private readonly SqliteConnection connection;

        public SqliteReader(string connectionString)
        {
            connection = new SqliteConnection(connectionString);
            connection.Open();
            Execute(connection, "PRAGMA query_only=ON; PRAGMA busy_timeout=5000; PRAGMA cache_size=-4096;");
            Statements = new SqliteStatements(connection);
        }

        public SqliteStatements Statements { get; }

        public void Dispose()
        {
            Statements.Dispose();
            connection.Dispose();
        }
    }
}
