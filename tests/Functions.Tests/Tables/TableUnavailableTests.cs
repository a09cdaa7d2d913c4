using Azure;
using Azure.Data.Tables;
using Pipeline.Functions.Tables;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Xunit;

namespace Pipeline.Functions.Tests.Tables;

/// <summary>A service that is down, or misbehaves. It is a server on loopback, since Azurite does as it should.</summary>
public sealed class TableUnavailableTests
{
    // Long where an answer comes, however busy the machine; short where none does.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(500);

    private static readonly EntityWrite[] OneWrite = [new EntityWrite.Insert("r", "{}"u8.ToArray())];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, WebhookReply, int, string> FailedWrites => new()
    {
        // It may have written before it failed: not a second time.
        { "failed", WebhookReply.Status(500), 1, "answered 500" },
        // It says that it did nothing: again, three times.
        { "is busy", WebhookReply.Status(503), 4, "answered 503" },
        { "throttles", WebhookReply.Status(429), 4, "answered 429" },
        // A refused identity is the operator's to mend, and nobody's alert is to be lost until then.
        { "refuses", WebhookReply.Status(403), 1, "answered 403" },
        // It may have written, but its answer is lost.
        { "hangs up", WebhookReply.Close, 1, "did not write 1 row(s) of 'p'" },
        { "hangs", WebhookReply.Hang, 1, "no answer within the time allowed" },
    };

    [Theory]
    [MemberData(nameof(FailedWrites))]
    public async Task A_write_is_tried_again_only_where_it_surely_was_not_applied(string service, WebhookReply reply, int tries, string says)
    {
        await using var far = await LoopbackWebhook.StartAsync(cancellationToken: Stop);
        far.Reply = reply;

        var table = TableAt(far.Url, reply == WebhookReply.Hang ? Timeout : Patience);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => table.CommitAsync("p", OneWrite, Stop));

        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        Assert.True(far.Requests.Count == tries, $"A service that {service} was asked {far.Requests.Count} times.");
    }

    [Fact]
    public async Task A_read_that_times_out_is_not_tried_again()
    {
        await using var far = await LoopbackWebhook.StartAsync(cancellationToken: Stop);
        far.Reply = WebhookReply.Hang;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => TableAt(far.Url, Timeout).GetAsync("p", "r", Stop));

        Assert.Single(far.Requests);
    }

    [Fact]
    public async Task A_read_is_tried_again_after_a_failure()
    {
        await using var far = await LoopbackWebhook.StartAsync(cancellationToken: Stop);
        far.ReplyNext(WebhookReply.Status(500), WebhookReply.Close, WebhookReply.Status(404));

        Assert.Null(await TableAt(far.Url, Patience).GetAsync("p", "r", Stop));
    }

    [Fact]
    public async Task A_service_that_is_down_makes_the_store_unavailable_to_all()
    {
        var table = TableAt(new Uri($"http://127.0.0.1:{FreePort.Next()}/down"), Patience);

        var read = await Assert.ThrowsAsync<StoreUnavailableException>(() => table.GetAsync("p", "r", Stop));
        Assert.Contains("did not read 'r' of 'p'", read.Message, StringComparison.Ordinal);
        var query = await Assert.ThrowsAsync<StoreUnavailableException>(() => table.QueryAsync("p", RowKeyRange.All, Stop));
        Assert.Contains("did not query 'p'", query.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => table.CommitAsync("p", OneWrite, Stop));
    }

    [Fact]
    public async Task A_request_that_is_wrong_is_a_fault_which_waiting_would_not_mend()
    {
        await using var far = await LoopbackWebhook.StartAsync(cancellationToken: Stop);
        far.Reply = WebhookReply.Status(400);

        await Assert.ThrowsAsync<RequestFailedException>(() => TableAt(far.Url, Patience).CommitAsync("p", OneWrite, Stop));
    }

    [Fact]
    public async Task A_cancelled_call_stays_one()
    {
        await using var far = await LoopbackWebhook.StartAsync(cancellationToken: Stop);
        far.Reply = WebhookReply.Hang;
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        var reading = TableAt(far.Url, Patience).GetAsync("p", "r", cancellation.Token);
        await far.WaitForAsync(requests => requests.Count == 1, Patience, Stop);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private static TableEntityTable TableAt(Uri endpoint, TimeSpan timeout) => new(new TableClient(
        $"AccountName=acme;AccountKey=c2VjcmV0;TableEndpoint={endpoint}",
        TableConnection.TableName,
        new TableClientOptions { RetryPolicy = new WriteSafeRetryPolicy(), Retry = { NetworkTimeout = timeout } }));
}
