using System.Collections.Concurrent;
using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using Pipeline.Functions.Tables;
using Pipeline.Runtime;
using Pipeline.Tests.Contracts.Runtime;
using Xunit;

namespace Pipeline.Functions.Tests.Tables;

public sealed class TableEntityTableTests(AzuriteFixture azurite) : EntityTableContract
{
    private const int RequestBytes = 4 * 1024 * 1024;

    private readonly Lazy<TableEntityTable> table = new(() => new TableEntityTable(azurite.NewTable()));

    protected override IEntityTable Table => table.Value;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_that_does_not_exist_is_empty_and_comes_with_its_first_write()
    {
        Assert.Null(await Table.GetAsync("p", "r", Stop));
        Assert.Empty(await Table.QueryAsync("p", RowKeyRange.All, Stop));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Table.CommitAsync("p", [new EntityWrite.Insert($"{i}", "{}"u8.ToArray())], Stop)));

        Assert.All(outcomes, outcome => Assert.True(outcome.IsCommitted));
        Assert.Equal(5, (await Table.QueryAsync("p", RowKeyRange.All, Stop)).Count);
    }

    [Theory]
    [InlineData(DocumentProperties.MaxPropertyBytes - 1)]
    [InlineData(DocumentProperties.MaxPropertyBytes)] // One full property.
    [InlineData(DocumentProperties.MaxPropertyBytes + 1)]
    [InlineData(EntityLimits.MaxDocumentBytes)]
    public async Task A_document_that_fills_properties_is_read_back_as_it_was(int bytes)
    {
        var document = RandomNumberGenerator.GetBytes(bytes);
        Assert.True((await Table.CommitAsync("p", [new EntityWrite.Insert("r", document)], Stop)).IsCommitted);

        Assert.True((await Table.GetAsync("p", "r", Stop))!.Document.Span.SequenceEqual(document));
        Assert.True((await Table.QueryAsync("p", RowKeyRange.All, Stop))[0].Document.Span.SequenceEqual(document));
    }

    [Fact]
    public async Task Nothing_of_a_longer_document_stays_behind_a_shorter_one()
    {
        var first = await Table.CommitAsync("p", [new EntityWrite.Insert("r", new byte[EntityLimits.MaxDocumentBytes])], Stop);
        await Table.CommitAsync("p", [new EntityWrite.Replace("r", new byte[DocumentProperties.MaxPropertyBytes + 1], first.ETags[0])], Stop);
        Assert.Equal(DocumentProperties.MaxPropertyBytes + 1, (await Table.GetAsync("p", "r", Stop))!.Document.Length);

        await Table.CommitAsync("p", [new EntityWrite.Upsert("r", ReadOnlyMemory<byte>.Empty)], Stop);
        Assert.Equal(0, (await Table.GetAsync("p", "r", Stop))!.Document.Length);
    }

    [Fact]
    public async Task The_largest_batch_is_a_request_that_the_service_takes()
    {
        var sizes = new RequestSizes();
        var measured = new TableEntityTable(azurite.NewTable(sizes));
        var document = RandomNumberGenerator.GetBytes(EntityLimits.MaxBatchBytes / EntityLimits.MaxBatch);
        var partitionKey = new string('p', EntityLimits.MaxKeyCharacters);
        EntityWrite[] writes = [.. Enumerable.Range(0, EntityLimits.MaxBatch).Select(i => new EntityWrite.Upsert($"{i:D3}".PadRight(EntityLimits.MaxKeyCharacters, 'é'), document))];

        Assert.True((await measured.CommitAsync(partitionKey, writes, Stop)).IsCommitted);

        Assert.InRange(sizes.Max(), EntityLimits.MaxBatchBytes, RequestBytes);
        var page = await measured.QueryAsync(partitionKey, RowKeyRange.All, Stop);
        Assert.Equal(writes.Select(write => write.RowKey), page.Select(row => row.RowKey));
    }

    [Theory]
    [InlineData("o'clock")] // A quote ends a literal unless it is doubled.
    [InlineData("''")]
    [InlineData("a b")]
    [InlineData("a+b&c=d;e:f,g@h$i!j(k)*")] // Characters that mean something in an address.
    [InlineData("50%25")] // What looks escaped is not.
    [InlineData("ä€ﬁ日本")]
    [InlineData("\"{}<>[]^`|")] // Characters that mean something in JSON, XML or a batch.
    [InlineData("PUT http: HTTP.1.1 --changeset_")] // As a request line in a batch would begin.
    public async Task A_key_of_any_characters_finds_its_row(string key)
    {
        var etag = (await Table.CommitAsync(key, [new EntityWrite.Insert(key, "1"u8.ToArray()), new EntityWrite.Insert(key + "2", "1"u8.ToArray())], Stop)).ETags[0];

        Assert.Equal((key, key, etag), await Table.GetAsync(key, key, Stop) is { } found ? (found.PartitionKey, found.RowKey, found.ETag) : default);
        Assert.Equal([key], (await Table.QueryAsync(key, new RowKeyRange { From = key, Before = key + "2" }, Stop)).Select(row => row.RowKey));
        Assert.Equal([key, key + "2"], (await Table.QueryAsync(key, RowKeyRange.StartingWith(key), Stop)).Select(row => row.RowKey));
        var replaced = await Table.CommitAsync(key, [new EntityWrite.Replace(key, "2"u8.ToArray(), etag)], Stop);
        Assert.True((await Table.CommitAsync(key, [new EntityWrite.Delete(key, replaced.ETags[0])], Stop)).IsCommitted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")] // To the service it would be any ETag.
    [InlineData("\"strong\"")]
    [InlineData("W/\"datetime'1999-01-01T00%3A00%3A00Z'\"")] // Of the service's form, but never given.
    public async Task An_etag_that_was_never_given_matches_no_row(string etag)
    {
        await Table.CommitAsync("p", [new EntityWrite.Insert("r", "1"u8.ToArray())], Stop);

        Assert.Equal(CommitStatus.PreconditionFailed, (await Table.CommitAsync("p", [new EntityWrite.Replace("r", "2"u8.ToArray(), etag)], Stop)).Status);
        Assert.Equal(CommitStatus.PreconditionFailed, (await Table.CommitAsync("p", [new EntityWrite.Delete("r", etag)], Stop)).Status);
        Assert.Equal(CommitStatus.NotFound, (await Table.CommitAsync("p", [new EntityWrite.Replace("none", "2"u8.ToArray(), etag)], Stop)).Status);
    }

    [Fact]
    public async Task A_page_is_full_though_the_service_gives_less_at_once()
    {
        var keys = Enumerable.Range(0, 20).Select(i => $"ü{i:D2}").ToList();
        var shortened = new TableEntityTable(azurite.NewTable(new ShorterPages()));
        await shortened.CommitAsync("p", [.. keys.Select(key => new EntityWrite.Insert(key, "1"u8.ToArray()))], Stop);

        Assert.Equal(keys, (await shortened.QueryAsync("p", RowKeyRange.All, Stop)).Select(row => row.RowKey));
        Assert.Equal(keys[..10], (await shortened.QueryAsync("p", new RowKeyRange { Take = 10 }, Stop)).Select(row => row.RowKey));
        Assert.Equal(keys[5..9], (await shortened.QueryAsync("p", new RowKeyRange { After = keys[4], Before = keys[9] }, Stop)).Select(row => row.RowKey));
    }

    private sealed class RequestSizes : HttpPipelineSynchronousPolicy
    {
        private readonly ConcurrentBag<long> sizes = [];

        public long Max() => sizes.Max();

        public override void OnSendingRequest(HttpMessage message) =>
            sizes.Add(message.Request.Content is { } content && content.TryComputeLength(out var length) ? length : 0);
    }

    /// <summary>Asks for pages of three, whatever was asked for, so that the service names a continuation.</summary>
    private sealed class ShorterPages : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message)
        {
            var uri = message.Request.Uri;
            uri.Query = System.Text.RegularExpressions.Regex.Replace(uri.Query, @"\$top=\d+", "$$top=3", default, TimeSpan.FromSeconds(1));
        }
    }
}
