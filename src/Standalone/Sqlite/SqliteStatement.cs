using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// One prepared statement, straight on SQLite's C interface: a third of the time a row that SqliteCommand takes, and values are bound
/// without boxes and copies. Used by one thread at a time.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int LongestTextOnStack = 512;
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    // SQLite counts parameters by where they first appear; here their number is their name.
    private readonly int[] places;

    public SqliteStatement(sqlite3 database, string sql)
    {
        this.database = database;
        ThrowUnlessOk(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest))
        {
            statement.Dispose();
            throw new ArgumentException($"One statement at a time; this is left over: {rest}", nameof(sql));
        }

        places = new int[raw.sqlite3_bind_parameter_count(statement)];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = raw.sqlite3_bind_parameter_index(statement, string.Create(CultureInfo.InvariantCulture, $"${i + 1}"));
        }
    }

    public int ParameterCount => places.Length;

    /// <param name="number">1 is <c>$1</c>.</param>
    public void Bind(int number, long value) => ThrowUnlessOk(raw.sqlite3_bind_int64(statement, places[number - 1], value));

    public void Bind(int number, ReadOnlySpan<byte> value)
    {
        var place = places[number - 1];
        ThrowUnlessOk(value.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, place, 0) : raw.sqlite3_bind_blob(statement, place, value));
    }

    public void Bind(int number, string? value)
    {
        var place = places[number - 1];
        if (value is null)
        {
            ThrowUnlessOk(raw.sqlite3_bind_null(statement, place));
            return;
        }

        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> text = most <= LongestTextOnStack ? stackalloc byte[LongestTextOnStack] : new byte[most];
        text = text[..Encoding.UTF8.GetBytes(value, text)];

        // An empty span has no address, which SQLite would read as NULL.
        ThrowUnlessOk(text.IsEmpty ? raw.sqlite3_bind_text(statement, place, "") : raw.sqlite3_bind_text(statement, place, text));
    }

    /// <summary>Binds a null, a whole number, a truth value (0 or 1), a text or bytes.</summary>
    public void Bind(int number, object? value)
    {
        switch (value)
        {
            case null or DBNull:
                Bind(number, (string?)null);
                break;
            case string text:
                Bind(number, text);
                break;
            case long whole:
                Bind(number, whole);
                break;
            case int whole:
                Bind(number, (long)whole);
                break;
            case bool truth:
                Bind(number, truth ? 1L : 0L);
                break;
            case byte[] bytes:
                Bind(number, (ReadOnlySpan<byte>)bytes);
                break;
            case ReadOnlyMemory<byte> bytes:
                Bind(number, bytes.Span);
                break;
            default:
                throw new ArgumentException($"A {value.GetType().Name} can't be bound to ${number}: pass a number, a text or bytes.", nameof(value));
        }
    }

    /// <summary>True where there is a row to read. After the last one, or a fault, the statement is ready to run again.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        try
        {
            if (result != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(result, database);
            }

            return false;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Runs it to its end. Returns the rows changed.</summary>
    public int Run()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(database);
    }

    /// <summary>Leaves the rows not read yet, and lets go of the bound values, which can be large. A fault of the last step was reported by it.</summary>
    public void Reset()
    {
        _ = raw.sqlite3_reset(statement);
        _ = raw.sqlite3_clear_bindings(statement);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long GetInt64(int column) => raw.sqlite3_column_int64(statement, column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> GetBytes(int column) => raw.sqlite3_column_blob(statement, column);

    // As bytes, because a text read as such would end at its first NUL.
    public string GetString(int column) => Encoding.UTF8.GetString(GetBytes(column));

    public object? GetValue(int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => GetInt64(column),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, column),
        raw.SQLITE_TEXT => GetString(column),
        _ => GetBytes(column).ToArray(),
    };

    public void Dispose() => statement.Dispose();

    private void ThrowUnlessOk(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(result, database);
        }
    }
}
