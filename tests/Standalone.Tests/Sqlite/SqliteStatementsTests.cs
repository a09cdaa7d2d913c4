using Pipeline.Standalone.Sqlite;
using Xunit;

namespace Pipeline.Standalone.Tests.Sqlite;

public sealed class SqliteStatementsTests : IAsyncDisposable
{
    private readonly DatabaseFolder folder = new();

    public static TheoryData<object?, object?> Values { get; } = new()
    {
        { null, null },
        { 42, 42L },
        { long.MinValue, long.MinValue },
        { true, 1L },
        { false, 0L },
        { "", "" },
        { "ä😀\0end", "ä😀\0end" },
        { new string('x', 100_000), new string('x', 100_000) },
        { Array.Empty<byte>(), Array.Empty<byte>() },
        { new byte[] { 0, 1, 255 }, new byte[] { 0, 1, 255 } },
    };

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_bound_is_the_value_read(object? bound, object? read) =>
        Assert.Equal(read, folder.Database.Read(statements => statements.Scalar("SELECT $1", bound)));

    [Fact]
    public void Parameters_go_by_their_number_wherever_they_stand() =>
        Assert.Equal("c|a|b|a", folder.Database.Read(statements => statements.Scalar("SELECT $3 || '|' || $1 || '|' || $2 || '|' || $1", "a", "b", "c")));

    [Fact]
    public void A_value_that_has_no_place_in_a_column_is_refused() =>
        Assert.Throws<ArgumentException>(() => folder.Database.Read(statements => statements.Scalar("SELECT $1", DateTimeOffset.UnixEpoch)));

    [Fact]
    public void A_value_too_few_or_too_many_is_refused()
    {
        Assert.Throws<ArgumentException>(() => folder.Database.Read(statements => statements.Scalar("SELECT $1, $2", 1)));
        Assert.Throws<ArgumentException>(() => folder.Database.Read(statements => statements.Scalar("SELECT $1", 1, 2)));
    }

    [Fact]
    public void Two_statements_at_once_are_refused() =>
        Assert.Throws<ArgumentException>(() => folder.Database.Read(statements => statements.Run("SELECT 1; SELECT 2")));

    [Fact]
    public void A_query_that_ends_early_or_fails_can_run_again() => folder.Database.Read(statements =>
    {
        const string Sql = "SELECT value FROM json_each($1)";
        var seen = new List<long>();
        statements.QueryWhile(
            Sql,
            row =>
            {
                seen.Add(row.GetInt64(0));
                return seen.Count < 2;
            },
            "[1,2,3]");
        Assert.Throws<FormatException>(() => statements.Query<int>(Sql, _ => throw new FormatException(), "[1]"));

        Assert.Equal([1, 2], seen);
        Assert.Equal([4L, 5L], statements.Query(Sql, row => row.GetInt64(0), "[4,5]"));
        return 0;
    });
}
