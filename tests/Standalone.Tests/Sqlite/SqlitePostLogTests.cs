using Pipeline.Runtime;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Contracts.Runtime;
using Xunit;

namespace Pipeline.Standalone.Tests.Sqlite;

public sealed class SqlitePostLogTests : PostLogContract, IAsyncDisposable
{
    private readonly DatabaseFolder folder = new();
    private SqliteMessageQueue alerts;
    private SqlitePostLog log;

    public SqlitePostLogTests()
    {
        alerts = new SqliteMessageQueue(folder.Database, "alerts", Clock);
        log = new SqlitePostLog(folder.Database, alerts);
    }

    protected override IPulledPostLog Log => log;

    protected override IPulledMessageQueue Alerts => alerts;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        alerts.Dispose();
        return folder.DisposeAsync();
    }

    [Fact]
    public async Task Posts_appended_before_a_crash_are_split_after_it_and_split_ones_are_not()
    {
        var ids = await AppendAsync("a", "b", "c");
        await Log.CompleteSplitAsync(ids[..1], [Message("1")], Stop);
        await RestartAsync();

        await Log.WaitAsync(Stop);
        Assert.Equal(ids[1..], await UnsplitAsync());
        await Log.CompleteSplitAsync(ids[1..], [Message("2")], Stop);
        await RestartAsync();
        Assert.Empty(await UnsplitAsync());
        Assert.False(Log.WaitAsync(Stop).IsCompleted);
        await using var lease = await Alerts.TryReceiveAsync(10, Stop);
        Assert.Equal(["1", "2"], lease!.Messages.Select(message => message.MessageId));
    }

    [Fact]
    public async Task After_a_restart_a_rejected_post_at_the_end_is_nothing_to_wait_for()
    {
        var ids = await AppendAsync("a");
        await Log.AppendAsync(Post("no json") with { RejectedBecause = "why" }, Stop);
        await Log.CompleteSplitAsync(ids, [], Stop);
        await RestartAsync();

        Assert.False(Log.WaitAsync(Stop).IsCompleted);
    }

    [Fact]
    public async Task No_id_is_given_again_after_a_restart_though_every_post_was_purged()
    {
        var ids = await AppendAsync("a");
        var rejected = await Log.AppendAsync(Post("no json") with { RejectedBecause = "why" }, Stop);
        await Log.CompleteSplitAsync(ids, [], Stop);
        Assert.Equal(2, await Log.PurgeAsync(Clock.GetUtcNow().AddDays(1), Stop));
        await RestartAsync();

        Assert.True((await AppendAsync("b"))[0] > rejected);
    }

    [Fact]
    public async Task A_full_disk_fails_appends_until_there_is_room_again()
    {
        var before = await AppendAsync("before");
        await using (await FailingWrites.BeginAsync(folder.Database))
        {
            var large = new string('x', 1_000_000);
            var appends = Enumerable.Range(0, 10).Select(_ => Log.AppendAsync(Post(large), Stop).AsTask()).ToList();
            foreach (var append in appends)
            {
                var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => append);
                Assert.Contains(folder.File, fault.Message, StringComparison.Ordinal);
                Assert.Contains("full", fault.Message, StringComparison.Ordinal);
            }
        }

        Assert.Equal([.. before, .. await AppendAsync("after")], await UnsplitAsync());
    }

    [Fact]
    public async Task A_slot_of_the_pool_serves_again_after_a_failure()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => Log.AppendAsync(Post("x") with { Source = null! }, Stop).AsTask());

        var ids = await AppendAsync("a", "b");
        Assert.Equal(ids, await UnsplitAsync());
    }

    [Fact]
    public async Task Appends_to_a_closed_file_say_so()
    {
        alerts.Dispose();
        await folder.Database.DisposeAsync();

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => Log.AppendAsync(Post("x"), Stop).AsTask());
        Assert.Contains(folder.File, fault.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Log.GetAsync(1, Stop));
        await folder.ReopenAsync();
    }

    private async Task RestartAsync()
    {
        alerts.Dispose();
        await folder.ReopenAsync();
        alerts = new SqliteMessageQueue(folder.Database, "alerts", Clock);
        log = new SqlitePostLog(folder.Database, alerts);
    }
}
