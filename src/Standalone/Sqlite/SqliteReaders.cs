using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>Connections that read, kept for the next who reads.</summary>
/// <param name="open">Opens one.</param>
/// <param name="damaged">Told of what shows that the file is damaged.</param>
internal sealed class SqliteReaders(string path, Func<SqliteConnection> open, Action<SqliteException> damaged) : IDisposable
{
    private readonly ConcurrentBag<Reader> idle = [];
    private volatile bool isClosed;

    public T Read<T>(Func<SqliteStatements, T> read)
    {
        Reader? reader = null;
        try
        {
            if (isClosed)
            {
                throw new StoreUnavailableException($"{path} is closed.");
            }

            if (!idle.TryTake(out reader))
            {
                reader = new Reader(open());
            }

            var result = read(reader.Statements);
            GiveBack(reader);
            return result;
        }
        catch (SqliteException exception)
        {
            reader?.Dispose();
            var isDamage = DatabaseCheck.IsDamage(exception);
            if (isDamage)
            {
                damaged(exception);
            }

            throw new StoreUnavailableException($"Reading {path} failed: {exception.Message}", exception) { IsCorrupt = isDamage };
        }
        catch
        {
            reader?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        isClosed = true;
        CloseIdle();
    }

    private void GiveBack(Reader reader)
    {
        idle.Add(reader);
        if (isClosed)
        {
            CloseIdle();
        }
    }

    private void CloseIdle()
    {
        while (idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private sealed class Reader(SqliteConnection connection) : IDisposable
    {
        public SqliteStatements Statements { get; } = new(connection);

        public void Dispose()
        {
            Statements.Dispose();
            connection.Dispose();
        }
    }
}
