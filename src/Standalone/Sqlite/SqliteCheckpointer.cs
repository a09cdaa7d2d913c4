using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// Moves the write-ahead log into the database file beside the writer. SQLite's own way is to do it inside a commit, which holds up
/// everybody behind that commit for tens of milliseconds. Here a thread copies most of it while the writer goes on; the writer adds the
/// last pages itself when the log has grown large, because only then can the log start again at its beginning.
/// </summary>
internal sealed class SqliteCheckpointer : IDisposable
{
    /// <summary>4 MiB of 4 KiB pages, SQLite's own default.</summary>
    private const int PagesBetweenPasses = 1024;

    /// <summary>32 MiB: rare enough that the writer's share costs little, small enough to open quickly after a crash.</summary>
    private const int PagesBeforeRestart = 8192;

    private readonly SqliteConnection connection;
    private readonly AutoResetEvent wake = new(initialState: false);
    private readonly Thread thread;
    private int pagesSincePass;
    private volatile bool isRestartDue;
    private volatile bool isClosing;

    /// <param name="connection">Used by the checkpointer's thread only from now on, and closed by it.</param>
    public SqliteCheckpointer(SqliteConnection connection)
    {
        this.connection = connection;
        thread = new Thread(Loop) { IsBackground = true, Name = "sqlite-checkpoint" };
        thread.Start();
    }

    /// <summary>Called on the writer's thread between two transactions.</summary>
    public void AfterCommit(sqlite3 writer)
    {
        // In WAL mode this counts the pages written to the log since it was last asked.
        _ = raw.sqlite3_db_status(writer, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, 1);
        pagesSincePass += written;
        if (pagesSincePass >= PagesBetweenPasses)
        {
            pagesSincePass = 0;
            wake.Set();
        }

        if (isRestartDue)
        {
            isRestartDue = false;
            Pass(writer, out _);
        }
    }

    public void Dispose()
    {
        isClosing = true;
        wake.Set();
        thread.Join();
        wake.Dispose();
    }

    private void Loop()
    {
        using (connection)
        {
            while (wake.WaitOne() && !isClosing)
            {
                if (Pass(connection.Handle!, out var pages) && pages >= PagesBeforeRestart)
                {
                    // Once more, so that as little as can be is left to the writer.
                    Pass(connection.Handle!, out _);
                    isRestartDue = true;
                }
            }
        }
    }

    /// <summary>
    /// Copies what no reader stands in the way of. A pass that fails loses nothing: the log keeps its pages for the next one,
    /// and a disk that can't be written is reported by the next commit.
    /// </summary>
    /// <param name="pages">All that the log holds now, copied or not.</param>
    private static bool Pass(sqlite3 database, out int pages) =>
        raw.sqlite3_wal_checkpoint_v2(database, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out pages, out _) == raw.SQLITE_OK;
}
