using System.Text.Json;
using Azure.Data.Tables;
using Pipeline.Functions.Tables;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Functions.Tests.Tables;

/// <summary>
/// Answers of the service to a transaction, in the form its documentation shows (Azurite's differ in detail).
/// https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions#json-versions-2013-08-15-and-later-2
/// </summary>
public sealed class TransactionAnswerTests
{
    private static readonly EntityWrite[] Writes =
    [
        new EntityWrite.Insert("inserted", "{}"u8.ToArray()),
        new EntityWrite.Delete("deleted"),
        new EntityWrite.Upsert("upserted", "{}"u8.ToArray()),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, CommitStatus, int> Failures => new()
    {
        // The row is there.
        { "409 Conflict", Error("EntityAlreadyExists", "0:The specified entity already exists."), CommitStatus.Conflict, 0 },
        // The row isn't there.
        { "404 Not Found", Error("ResourceNotFound", "1:The specified resource does not exist."), CommitStatus.NotFound, 1 },
        // The row has another ETag.
        { "412 Precondition Failed", Error("UpdateConditionNotSatisfied", "2:The update condition specified in the request was not satisfied."), CommitStatus.PreconditionFailed, 2 },
    };

    public static TheoryData<string, string> Unexpected => new()
    {
        // Which write failed isn't said.
        { "412 Precondition Failed", Error("UpdateConditionNotSatisfied", "The update condition specified in the request was not satisfied.") },
        // A conflict with the table's removal, not with a row.
        { "409 Conflict", Error("TableBeingDeleted", "0:The specified table is being deleted. Try operation later.") },
        // A failure inside an answer that is a success.
        { "500 Internal Server Error", Error("OperationTimedOut", "0:Operation could not be completed within the specified time.") },
        { "503 Service Unavailable", Error("ServerBusy", "0:The server is busy.") },
        // Something between us and the service wrote it.
        { "502 Bad Gateway", "<html>" },
    };

    [Fact]
    public async Task The_etags_of_a_committed_transaction_are_in_the_order_of_its_writes()
    {
        var outcome = await CommitAsync(Answer(Part("204 No Content", "", Tag("1")), Part("204 No Content", ""), Part("204 No Content", "", Tag("2"))));

        Assert.True(outcome.IsCommitted);
        Assert.Equal([Tag("1"), "", Tag("2")], outcome.ETags);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_write_that_failed_is_named(string status, string error, CommitStatus expected, int index)
    {
        var outcome = await CommitAsync(Answer(Part(status, error)));

        Assert.Equal((expected, index), (outcome.Status, outcome.FailedIndex));
    }

    [Theory]
    [MemberData(nameof(Unexpected))]
    public async Task What_is_no_outcome_of_a_write_leaves_the_store_unavailable(string status, string error) =>
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(Answer(Part(status, error))));

    private static async Task<CommitOutcome> CommitAsync(WebhookReply answer)
    {
        await using var far = await LoopbackWebhook.StartAsync(cancellationToken: Stop);
        far.Reply = answer;
        var client = new TableClient($"AccountName=acme;AccountKey=c2VjcmV0;TableEndpoint={far.Url}", TableConnection.TableName);
        return await new TableEntityTable(client).CommitAsync("p", Writes, Stop);
    }

    private static WebhookReply Answer(params IEnumerable<string> parts)
    {
        string[] lines =
        [
            "--batchresponse_1",
            "Content-Type: multipart/mixed; boundary=changesetresponse_2",
            "",
            .. parts,
            "--changesetresponse_2--",
            "--batchresponse_1--",
            "",
        ];
        return WebhookReply.Status(202, string.Join("\r\n", lines)).With("Content-Type", "multipart/mixed; boundary=batchresponse_1");
    }

    private static string Part(string status, string body, string? etag = null)
    {
        string[] lines =
        [
            "--changesetresponse_2",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            "",
            $"HTTP/1.1 {status}",
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-cache",
            "DataServiceVersion: 3.0;",
            .. body.Length > 0 ? ["Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8"] : Array.Empty<string>(),
            .. etag is null ? Array.Empty<string>() : [$"ETag: {etag}"],
            "",
            body,
        ];
        return string.Join("\r\n", lines);
    }

    private static string Error(string code, string message) =>
        JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["odata.error"] = new { code, message = new { lang = "en-US", value = $"{message}\nRequestId:f8d3e9a1-0002-0012-5a0c-000000000000\nTime:2026-01-01T00:00:00.0000000Z" } },
        });

    private static string Tag(string time) => $"W/\"datetime'2026-01-01T00%3A00%3A0{time}.0000000Z'\"";
}
