using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Tests.Sqlite;

/// <summary>Until it is disposed the database file can't grow, as on a full disk.</summary>
internal sealed class FailingWrites : IAsyncDisposable
{
    private readonly SqliteDatabase database;

    private FailingWrites(SqliteDatabase database) => this.database = database;

    public static async Task<FailingWrites> BeginAsync(SqliteDatabase database)
    {
        await database.WriteAsync(statements => statements.Scalar("PRAGMA max_page_count=1"));
        return new FailingWrites(database);
    }

    public async ValueTask DisposeAsync() =>
        await database.WriteAsync(statements => statements.Scalar("PRAGMA max_page_count=1073741823"));
}
