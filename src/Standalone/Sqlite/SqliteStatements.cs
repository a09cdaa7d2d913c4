using Microsoft.Data.Sqlite;

namespace Pipeline.Standalone.Sqlite;

/// <summary>Prepared statements of one connection, kept by their text. Used by one thread at a time.</summary>
internal sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> statements = new(StringComparer.Ordinal);

    /// <summary>The statement of this text, ready to bind and run: for rows so many that boxed parameters would count.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(connection.Handle!, sql);
            statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>Runs a statement whose parameters are <c>$1</c>, <c>$2</c>, … Returns the rows changed.</summary>
    public int Run(string sql, params ReadOnlySpan<object?> parameters) => Bind(sql, parameters).Run();

    /// <summary>The first column of the first row, or null.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<object?> parameters)
    {
        var statement = Bind(sql, parameters);
        try
        {
            return statement.Step() ? statement.GetValue(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>All rows, each read by <paramref name="read"/>.</summary>
    public List<T> Query<T>(string sql, Func<SqliteRow, T> read, params ReadOnlySpan<object?> parameters)
    {
        var rows = new List<T>();
        QueryWhile(
            sql,
            row =>
            {
                rows.Add(read(row));
                return true;
            },
            parameters);
        return rows;
    }

    /// <summary>Reads rows until <paramref name="read"/> says false.</summary>
    public void QueryWhile(string sql, Func<SqliteRow, bool> read, params ReadOnlySpan<object?> parameters)
    {
        var statement = Bind(sql, parameters);
        var row = new SqliteRow(statement);
        try
        {
            while (statement.Step() && read(row))
            {
            }
        }
        finally
        {
            statement.Reset();
        }
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        statements.Clear();
    }

    private SqliteStatement Bind(string sql, ReadOnlySpan<object?> parameters)
    {
        var statement = Prepare(sql);
        if (parameters.Length != statement.ParameterCount)
        {
            throw new ArgumentException(
                $"The statement has {statement.ParameterCount} parameters and got {parameters.Length} values: {sql}", nameof(parameters));
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            statement.Bind(i + 1, parameters[i]);
        }

        return statement;
    }
}
