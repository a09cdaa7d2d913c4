using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Pipeline.Runtime;
using SQLitePCL;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// The one thread that writes. Whatever waits when a commit ends is the next transaction, so under load the price of a sync is shared
/// by many, and alone a write waits for nobody.
/// </summary>
internal sealed class SqliteWriter
{
    // More than ever wait together in practice; it keeps the last of a great crowd from waiting for all of it.
    private const int MaxGroup = 1024;

    // Measured with 64 and 256 appending at once: groups are a half of them without it and nine tenths with it, at two thirds of the CPU time.
    private const int MaxYields = 2;

    private readonly string path;
    private readonly SqliteConnection connection;
    private readonly SqliteCheckpointer checkpointer;
    private readonly Action<SqliteException> damaged;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<SqliteWrite, Exception> faults = [];
    private readonly object gate = new();
    private List<SqliteWrite> waiting = [];
    private int lastTaken;
    private bool isClosing;
    private volatile Exception? faultAfterCommit;

    /// <param name="connection">Used by the writer's thread only from now on.</param>
    /// <param name="damaged">Told of what shows that the file is damaged.</param>
    public SqliteWriter(string path, SqliteConnection connection, SqliteCheckpointer checkpointer, Action<SqliteException> damaged)
    {
        this.damaged = damaged;
        this.path = path;
        this.connection = connection;
        this.checkpointer = checkpointer;
        new Thread(Loop) { IsBackground = true, Name = "sqlite-writer" }.Start();
    }

    /// <summary>Why memory may not be what the file holds, until a restart; null where it is.</summary>
    public Exception? FaultAfterCommit => faultAfterCommit;

    /// <exception cref="StoreUnavailableException">The database is closing.</exception>
    public void Enqueue(SqliteWrite write)
    {
        lock (gate)
        {
            if (isClosing)
            {
                throw new StoreUnavailableException($"{path} is closing.");
            }

            waiting.Add(write);
            if (waiting.Count == 1)
            {
                Monitor.Pulse(gate);
            }
        }
    }

    /// <summary>Takes no more, and completes when what waited is written.</summary>
    public Task EndAsync()
    {
        lock (gate)
        {
            isClosing = true;
            Monitor.Pulse(gate);
        }

        return ended.Task;
    }

    private void Loop()
    {
        using (var statements = new SqliteStatements(connection))
        {
            List<SqliteWrite> taken = [];
            while (TakeWaiting(ref taken))
            {
                var rest = CollectionsMarshal.AsSpan(taken);
                while (!rest.IsEmpty)
                {
                    var group = rest[..Math.Min(MaxGroup, rest.Length)];
                    WriteGroup(statements, group);
                    checkpointer.AfterCommit(connection.Handle!);
                    rest = rest[group.Length..];
                }

                taken.Clear();
            }
        }

        ended.SetResult();
    }

    private bool TakeWaiting(ref List<SqliteWrite> taken)
    {
        lock (gate)
        {
            while (waiting.Count == 0 && !isClosing)
            {
                Monitor.Wait(gate);
            }
        }

        // Those whom the last commit let go are about to write again; the first of them alone would make a group half as large.
        for (var i = 0; i < MaxYields && WaitingCount() < lastTaken; i++)
        {
            Thread.Yield();
        }

        lock (gate)
        {
            (taken, waiting) = (waiting, taken);
            lastTaken = taken.Count;
            return lastTaken > 0;
        }
    }

    private int WaitingCount()
    {
        lock (gate)
        {
            return waiting.Count;
        }
    }

    private void WriteGroup(SqliteStatements statements, ReadOnlySpan<SqliteWrite> group)
    {
        faults.Clear();
        try
        {
            statements.Prepare("BEGIN IMMEDIATE").Run();
            foreach (var write in group)
            {
                RunOne(statements, write);
            }

            statements.Prepare("COMMIT").Run();
        }
        catch (Exception exception)
        {
            RollBack(statements);
            var isDamage = DatabaseCheck.IsDamage(exception);
            if (isDamage)
            {
                damaged((SqliteException)exception);
            }

            var unavailable = new StoreUnavailableException(
                string.Create(CultureInfo.InvariantCulture, $"Writing {path} failed: {exception.Message}"), exception) { IsCorrupt = isDamage };
            foreach (var write in group)
            {
                write.Fail(unavailable);
            }

            return;
        }

        foreach (var write in group)
        {
            if (faults.TryGetValue(write, out var fault))
            {
                write.Fail(fault);
            }
            else
            {
                TellCommitted(write);
                write.Succeed();
            }
        }
    }

    private void TellCommitted(SqliteWrite write)
    {
        try
        {
            write.Committed();
        }
        catch (Exception exception)
        {
            faultAfterCommit ??= exception;
        }
    }

    /// <summary>A write that fails takes back its own rows only: the others of its group must not suffer.</summary>
    private void RunOne(SqliteStatements statements, SqliteWrite write)
    {
        try
        {
            if (write.IsOneStatement)
            {
                write.Run(statements);
                return;
            }

            statements.Prepare("SAVEPOINT one").Run();
            write.Run(statements);
            statements.Prepare("RELEASE one").Run();
        }
        catch (Exception exception) when (!IsStoreFault(exception))
        {
            faults.Add(write, exception);
            if (!write.IsOneStatement)
            {
                statements.Prepare("ROLLBACK TO one").Run();
                statements.Prepare("RELEASE one").Run();
            }
        }
    }

    private void RollBack(SqliteStatements statements)
    {
        try
        {
            // After some faults SQLite has rolled back by itself.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                statements.Prepare("ROLLBACK").Run();
            }
        }
        catch (SqliteException)
        {
            // Then the next BEGIN fails too, and says why to those who wait for it.
        }
    }

    /// <summary>Not this write's fault: a full disk, an I/O error, a damaged file. SQLite may have rolled everything back already.</summary>
    private static bool IsStoreFault(Exception exception) => exception is SqliteException { SqliteErrorCode: var code } && code is
        raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN
        or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM or raw.SQLITE_PROTOCOL or raw.SQLITE_INTERRUPT or raw.SQLITE_ABORT;
}
