using System.Globalization;
using Microsoft.Data.Sqlite;
using Pipeline.Runtime;
using SQLitePCL;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// Looks for damage with SQLite's <c>quick_check</c>, table by table, the archive of posts last because it is the largest by far. It reads every
/// page, so it has a time: a start must not wait minutes for an archive of 40 GB.
/// </summary>
internal static class DatabaseCheck
{
    /// <summary>Enough for some gigabytes on a local disk.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const string SelectTables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name = 'posts', name";

    /// <summary>Returns the tables that there was no time to look through.</summary>
    /// <exception cref="StoreUnavailableException">It is damaged; the message says what was found and what to do.</exception>
    public static IReadOnlyList<string> Run(SqliteConnection connection, TimeSpan patience, TimeProvider time)
    {
        try
        {
            using var statements = new SqliteStatements(connection);
            var tables = statements.Query(SelectTables, row => row.GetString(0));
            var begun = time.GetTimestamp();
            using var alarm = new Alarm(connection, patience, time);
            var done = 0;
            while (done < tables.Count && time.GetElapsedTime(begun) < patience && TryCheck(connection, statements, tables[done]))
            {
                done++;
            }

            return tables[done..];
        }
        catch (SqliteException exception) when (IsDamage(exception))
        {
            throw Damaged(connection.DataSource, exception.Message);
        }
    }

    /// <summary>SQLite found the file itself wrong: SQLITE_CORRUPT or SQLITE_NOTADB.</summary>
    public static bool IsDamage(Exception exception) => exception is SqliteException { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB };

    public static StoreUnavailableException Damaged(string path, string finding) => new(
        $"{path} is damaged: {finding.ReplaceLineEndings(" ").TrimEnd('.')}. Restore a backup, or save what can be read into another file " +
        $"(sqlite3 {path} .recover | sqlite3 recovered.db) and put that in its place; --data names another folder.")
    {
        IsCorrupt = true,
    };

    /// <returns>False where the time was over.</returns>
    private static bool TryCheck(SqliteConnection connection, SqliteStatements statements, string table)
    {
        try
        {
            // A pragma takes no parameters; the names are our own schema's.
            var found = statements.Query(string.Create(CultureInfo.InvariantCulture, $"PRAGMA quick_check('{table.Replace("'", "''", StringComparison.Ordinal)}')"), row => row.GetString(0));
            return found is ["ok"] ? true : throw Damaged(connection.DataSource, $"{found[0]} ({table})");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            return false;
        }
    }

    /// <summary>Interrupts the statement that runs when the time is over, and none after it is disposed.</summary>
    private sealed class Alarm : IDisposable
    {
        private readonly Lock gate = new();
        private readonly SqliteConnection connection;
        private readonly ITimer timer;
        private bool isOff;

        public Alarm(SqliteConnection connection, TimeSpan after, TimeProvider time)
        {
            this.connection = connection;
            timer = time.CreateTimer(_ => Ring(), null, after, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            timer.Dispose();
            lock (gate)
            {
                isOff = true;
            }
        }

        private void Ring()
        {
            lock (gate)
            {
                if (!isOff)
                {
                    raw.sqlite3_interrupt(connection.Handle);
                }
            }
        }
    }
}
