namespace Pipeline.Standalone.Sqlite;

/// <summary>The row a query stands on, by column from 0. Of no use after the function it was given to.</summary>
internal readonly struct SqliteRow(SqliteStatement statement)
{
    public bool IsDBNull(int column) => statement.IsNull(column);

    public long GetInt64(int column) => statement.GetInt64(column);

    public int GetInt32(int column) => checked((int)statement.GetInt64(column));

    public string GetString(int column) => statement.GetString(column);

    public string? GetStringOrNull(int column) => statement.IsNull(column) ? null : statement.GetString(column);

    public byte[] GetBytes(int column) => statement.GetBytes(column).ToArray();

    /// <summary>A time kept as ticks of UTC.</summary>
    public DateTimeOffset GetTime(int column) => new(statement.GetInt64(column), TimeSpan.Zero);
}
