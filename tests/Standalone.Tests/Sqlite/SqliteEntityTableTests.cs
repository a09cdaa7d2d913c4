using Pipeline.Runtime;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Contracts.Runtime;
using Xunit;

namespace Pipeline.Standalone.Tests.Sqlite;

public sealed class SqliteEntityTableTests : EntityTableContract, IAsyncDisposable
{
    private readonly DatabaseFolder folder = new();

    protected override IEntityTable Table => new SqliteEntityTable(folder.Database);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task Entities_and_their_etags_survive_a_restart_and_no_etag_comes_twice_after_it()
    {
        var first = (await Table.CommitAsync("p", [new EntityWrite.Insert("r", "1"u8.ToArray())], Stop)).ETags[0];
        await folder.ReopenAsync();

        var entity = await Table.GetAsync("p", "r", Stop);
        Assert.Equal((first, "1"), (entity!.ETag, System.Text.Encoding.UTF8.GetString(entity.Document.Span)));
        await Table.CommitAsync("p", [new EntityWrite.Delete("r", first)], Stop);
        await folder.ReopenAsync();
        Assert.NotEqual(first, (await Table.CommitAsync("p", [new EntityWrite.Insert("r", "1"u8.ToArray())], Stop)).ETags[0]);
    }
}
