using System.Text;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

/// <summary>What every adapter of <see cref="IEntityTable"/> promises.</summary>
public abstract class EntityTableContract
{
    protected abstract IEntityTable Table { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_inserted_entity_is_read_back_as_it_was()
    {
        var outcome = await Table.CommitAsync("p", [new EntityWrite.Insert("r", Json("{\"a\":\"ä€😀\"}"))], Stop);

        var entity = await Table.GetAsync("p", "r", Stop);
        Assert.NotNull(entity);
        Assert.Equal(("p", "r", "{\"a\":\"ä€😀\"}"), (entity.PartitionKey, entity.RowKey, TextOf(entity)));
        Assert.Equal([entity.ETag], outcome.ETags);
        Assert.Equal((CommitStatus.Committed, -1), (outcome.Status, outcome.FailedIndex));
    }

    [Fact]
    public async Task What_is_not_there_reads_as_null_and_as_an_empty_page()
    {
        await InsertAsync("p", "r");

        Assert.Null(await Table.GetAsync("p", "other", Stop));
        Assert.Null(await Table.GetAsync("other", "r", Stop));
        Assert.Empty(await Table.QueryAsync("other", RowKeyRange.All, Stop));
    }

    [Fact]
    public async Task An_empty_document_and_empty_keys_are_allowed()
    {
        await Table.CommitAsync("", [new EntityWrite.Insert("", ReadOnlyMemory<byte>.Empty)], Stop);

        Assert.Equal(0, (await Table.GetAsync("", "", Stop))?.Document.Length);
        Assert.Single(await Table.QueryAsync("", RowKeyRange.All, Stop));
    }

    [Fact]
    public async Task A_document_is_kept_though_its_memory_is_used_again()
    {
        var buffer = "{\"n\":1}"u8.ToArray();
        await Table.CommitAsync("p", [new EntityWrite.Insert("r", buffer)], Stop);
        buffer.AsSpan().Fill((byte)'x');

        Assert.Equal("{\"n\":1}", TextOf(await Table.GetAsync("p", "r", Stop)));
    }

    [Fact]
    public async Task Insert_conflicts_with_a_row_that_exists_and_leaves_it()
    {
        await InsertAsync("p", "r", "first");

        var outcome = await Table.CommitAsync("p", [new EntityWrite.Insert("r", Json("second"))], Stop);

        AssertFailed(CommitStatus.Conflict, 0, outcome);
        Assert.Equal("first", TextOf(await Table.GetAsync("p", "r", Stop)));
    }

    [Fact]
    public async Task Replace_takes_the_etag_of_the_last_write_only()
    {
        var first = await InsertAsync("p", "r", "1");
        var second = (await Table.CommitAsync("p", [new EntityWrite.Replace("r", Json("2"), first)], Stop)).ETags[0];

        AssertFailed(CommitStatus.PreconditionFailed, 0, await Table.CommitAsync("p", [new EntityWrite.Replace("r", Json("3"), first)], Stop));
        AssertFailed(CommitStatus.PreconditionFailed, 0, await Table.CommitAsync("p", [new EntityWrite.Replace("r", Json("3"), "no etag")], Stop));
        AssertFailed(CommitStatus.NotFound, 0, await Table.CommitAsync("p", [new EntityWrite.Replace("none", Json("3"), second)], Stop));
        Assert.Equal("2", TextOf(await Table.GetAsync("p", "r", Stop)));
    }

    [Fact]
    public async Task Upsert_inserts_and_overwrites_and_gives_a_new_etag()
    {
        var first = (await Table.CommitAsync("p", [new EntityWrite.Upsert("r", Json("1"))], Stop)).ETags[0];
        var second = (await Table.CommitAsync("p", [new EntityWrite.Upsert("r", Json("2"))], Stop)).ETags[0];

        Assert.NotEqual(first, second);
        Assert.Equal("2", TextOf(await Table.GetAsync("p", "r", Stop)));
    }

    [Fact]
    public async Task Delete_needs_a_row_and_where_given_its_etag()
    {
        var etag = await InsertAsync("p", "r");

        AssertFailed(CommitStatus.PreconditionFailed, 0, await Table.CommitAsync("p", [new EntityWrite.Delete("r", "other")], Stop));
        var deleted = await Table.CommitAsync("p", [new EntityWrite.Delete("r", etag)], Stop);
        Assert.Equal([""], deleted.ETags);
        Assert.Null(await Table.GetAsync("p", "r", Stop));
        AssertFailed(CommitStatus.NotFound, 0, await Table.CommitAsync("p", [new EntityWrite.Delete("r")], Stop));
        AssertFailed(CommitStatus.NotFound, 0, await Table.CommitAsync("p", [new EntityWrite.Delete("r", etag)], Stop));
    }

    [Fact]
    public async Task Delete_without_an_etag_takes_the_row_as_it_is()
    {
        await InsertAsync("p", "r");

        Assert.True((await Table.CommitAsync("p", [new EntityWrite.Delete("r")], Stop)).IsCommitted);
        Assert.Empty(await Table.QueryAsync("p", RowKeyRange.All, Stop));
    }

    [Fact]
    public async Task No_etag_comes_twice_not_even_after_delete_and_insert()
    {
        HashSet<string> etags = [];
        for (var i = 0; i < 5; i++)
        {
            Assert.True(etags.Add(await InsertAsync("p", "r", "same")));
            await Table.CommitAsync("p", [new EntityWrite.Delete("r")], Stop);
        }
    }

    [Fact]
    public async Task A_batch_is_applied_whole_with_an_etag_for_each_write()
    {
        var old = await InsertAsync("p", "replaced");
        await InsertAsync("p", "deleted");

        var outcome = await Table.CommitAsync(
            "p",
            [
                new EntityWrite.Insert("inserted", Json("a")),
                new EntityWrite.Replace("replaced", Json("b"), old),
                new EntityWrite.Delete("deleted"),
                new EntityWrite.Upsert("upserted", Json("d")),
            ],
            Stop);

        var rows = await Table.QueryAsync("p", RowKeyRange.All, Stop);
        Assert.Equal(["inserted", "replaced", "upserted"], rows.Select(row => row.RowKey));
        Assert.Equal(["a", "b", "d"], rows.Select(TextOf));
        Assert.Equal([rows[0].ETag, rows[1].ETag, "", rows[2].ETag], outcome.ETags);
    }

    [Fact]
    public async Task A_batch_with_one_bad_write_changes_nothing_and_names_the_first()
    {
        var etag = await InsertAsync("p", "taken", "before");

        var outcome = await Table.CommitAsync(
            "p",
            [
                new EntityWrite.Insert("new", Json("x")),
                new EntityWrite.Upsert("upserted", Json("x")),
                new EntityWrite.Replace("taken", Json("x"), etag),
                new EntityWrite.Delete("missing"),
                new EntityWrite.Replace("missing too", Json("x"), etag),
            ],
            Stop);

        AssertFailed(CommitStatus.NotFound, 3, outcome);
        var row = Assert.Single(await Table.QueryAsync("p", RowKeyRange.All, Stop));
        Assert.Equal(("taken", "before", etag), (row.RowKey, TextOf(row), row.ETag));
    }

    [Fact]
    public async Task Of_fifty_inserts_of_one_row_at_once_one_is_committed()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(
            () => Table.CommitAsync("p", [new EntityWrite.Insert("r", Json($"{i}")), new EntityWrite.Upsert($"mine-{i}", Json("x"))], Stop),
            Stop)));

        var winner = Assert.Single(outcomes.Index(), outcome => outcome.Item.IsCommitted).Index;
        Assert.All(outcomes.Where(outcome => !outcome.IsCommitted), outcome => AssertFailed(CommitStatus.Conflict, 0, outcome));
        Assert.Equal([$"mine-{winner}", "r"], (await Table.QueryAsync("p", RowKeyRange.All, Stop)).Select(row => row.RowKey));
    }

    [Fact]
    public async Task Fifty_counters_up_at_once_lose_no_step()
    {
        await InsertAsync("p", "counter", "0");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(CountUpAsync, Stop)));

        Assert.Equal("50", TextOf(await Table.GetAsync("p", "counter", Stop)));
    }

    [Fact]
    public async Task A_page_is_in_ordinal_order_inside_its_partition()
    {
        foreach (var key in new[] { "b", "B", "a", "é", "10", "9", "z|1", "z", "\ufb01", "" })
        {
            await InsertAsync("p", key);
        }

        await InsertAsync("p2", "a");
        var keys = (await Table.QueryAsync("p", RowKeyRange.All, Stop)).Select(row => row.RowKey).ToList();
        Assert.Equal(["", "10", "9", "B", "a", "b", "z", "z|1", "é", "\ufb01"], keys);
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
    }

    [Fact]
    public async Task Ranges_are_from_inclusive_after_exclusive_before_exclusive()
    {
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            await InsertAsync("p", key);
        }

        await AssertKeysAsync(new RowKeyRange { From = "b" }, "b", "c", "d");
        await AssertKeysAsync(new RowKeyRange { After = "b" }, "c", "d");
        await AssertKeysAsync(new RowKeyRange { Before = "c" }, "a", "b");
        await AssertKeysAsync(new RowKeyRange { From = "b", Before = "d" }, "b", "c");
        await AssertKeysAsync(new RowKeyRange { From = "b", After = "c" }, "d");
        await AssertKeysAsync(new RowKeyRange { From = "c", After = "a" }, "c", "d");
        await AssertKeysAsync(new RowKeyRange { From = "b", After = "b" }, "c", "d");
        await AssertKeysAsync(new RowKeyRange { From = "c", Before = "b" });
        await AssertKeysAsync(new RowKeyRange { Take = 2 }, "a", "b");
    }

    [Fact]
    public async Task A_prefix_finds_all_that_starts_with_it_and_nothing_else()
    {
        foreach (var key in new[] { "alert", "alert|1", "alert|é", "alerts", "alarm", "b" })
        {
            await InsertAsync("p", key);
        }

        await AssertKeysAsync(RowKeyRange.StartingWith("alert|"), "alert|1", "alert|é");
        await AssertKeysAsync(RowKeyRange.StartingWith("alert"), "alert", "alerts", "alert|1", "alert|é");
    }

    [Fact]
    public async Task Pages_with_After_meet_every_row_once()
    {
        var keys = Enumerable.Range(0, 2500).Select(i => $"{i:D5}").ToList();
        foreach (var chunk in keys.Chunk(EntityLimits.MaxBatch))
        {
            await Table.CommitAsync("p", [.. chunk.Select(key => new EntityWrite.Insert(key, Json("1")))], Stop);
        }

        Assert.Equal(1000, (await Table.QueryAsync("p", RowKeyRange.All, Stop)).Count);
        List<string> met = [];
        await foreach (var row in Table.ScanAsync<int>("p", RowKeyRange.All, Stop))
        {
            met.Add(row.RowKey);
        }

        Assert.Equal(keys, met);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public Task A_page_of_no_or_too_many_rows_is_refused(int take) =>
        Assert.ThrowsAnyAsync<ArgumentException>(() => Table.QueryAsync("p", new RowKeyRange { Take = take }, Stop));

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\nb")]
    [InlineData("a\u0000")]
    [InlineData("\ud83d\ude00")]
    public async Task A_key_that_some_store_could_not_hold_is_refused_everywhere(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Table.CommitAsync(key, [new EntityWrite.Upsert("r", Json("1"))], Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => Table.CommitAsync("p", [new EntityWrite.Upsert(key, Json("1"))], Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => Table.GetAsync("p", key, Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => Table.QueryAsync(key, RowKeyRange.All, Stop));
        await InsertAsync("p", EntityLimits.EscapeKey(key));
    }

    [Fact]
    public async Task The_limits_of_a_batch_hold_and_what_keeps_them_fits()
    {
        var tooLong = new string('k', EntityLimits.MaxKeyCharacters + 1);
        var large = new byte[EntityLimits.MaxDocumentBytes];
        await AssertRefusedAsync();
        await AssertRefusedAsync(new EntityWrite.Upsert(tooLong, Json("1")));
        await AssertRefusedAsync(new EntityWrite.Upsert("r", Json("1")), new EntityWrite.Delete("r"));
        await AssertRefusedAsync(new EntityWrite.Upsert("r", new byte[EntityLimits.MaxDocumentBytes + 1]));
        await AssertRefusedAsync([.. Enumerable.Range(0, 101).Select(i => new EntityWrite.Upsert($"{i}", Json("1")))]);
        await AssertRefusedAsync([.. Enumerable.Range(0, 5).Select(i => new EntityWrite.Upsert($"{i}", large))]);
        Assert.Empty(await Table.QueryAsync("p", RowKeyRange.All, Stop));

        EntityWrite[] most = [.. Enumerable.Range(0, 100).Select(i => new EntityWrite.Upsert($"{i}{tooLong}"[..EntityLimits.MaxKeyCharacters], i < 4 ? large : Json("1")))];
        Assert.True((await Table.CommitAsync("p", most, Stop)).IsCommitted);
    }

    private async Task CountUpAsync()
    {
        while (true)
        {
            var current = await Table.GetAsync("p", "counter", Stop);
            var next = Json($"{int.Parse(TextOf(current), System.Globalization.CultureInfo.InvariantCulture) + 1}");
            if ((await Table.CommitAsync("p", [new EntityWrite.Replace("counter", next, current!.ETag)], Stop)).IsCommitted)
            {
                return;
            }
        }
    }

    private async Task AssertKeysAsync(RowKeyRange range, params string[] expected) =>
        Assert.Equal(expected, (await Table.QueryAsync("p", range, Stop)).Select(row => row.RowKey));

    private Task AssertRefusedAsync(params EntityWrite[] writes) =>
        Assert.ThrowsAsync<ArgumentException>(() => Table.CommitAsync("p", writes, Stop));

    private static void AssertFailed(CommitStatus status, int index, CommitOutcome outcome)
    {
        Assert.Equal((status, index), (outcome.Status, outcome.FailedIndex));
        Assert.Empty(outcome.ETags);
    }

    private async Task<string> InsertAsync(string partitionKey, string rowKey, string document = "1")
    {
        var outcome = await Table.CommitAsync(partitionKey, [new EntityWrite.Insert(rowKey, Json(document))], Stop);
        Assert.True(outcome.IsCommitted);
        return outcome.ETags[0];
    }

    private static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    private static string TextOf(Entity? entity)
    {
        Assert.NotNull(entity);
        return Encoding.UTF8.GetString(entity.Document.Span);
    }
}
