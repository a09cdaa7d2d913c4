using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

/// <summary>Requests that aren't framed as HTTP asks, byte by byte: nothing of them is done, and none hears a success.</summary>
public sealed class FramingTests
{
    private const string Body = """[{"labels":{"alertname":"A"}}]""";

    public static TheoryData<string> Faults => new()
    {
        // A chunk of a size that no int holds, and one that no long holds.
        "Transfer-Encoding: chunked\n\n80000000\n" + Body + "\n0\n\n",
        "Transfer-Encoding: chunked\n\nFFFFFFFF\n" + Body + "\n0\n\n",
        "Transfer-Encoding: chunked\n\n123456789ABCDEF0123\n" + Body + "\n0\n\n",
        // The same behind a good chunk that holds a whole post.
        "Transfer-Encoding: chunked\n\n1e\n" + Body + "\n80000000\n\n",
        // The largest size there is, and then little.
        "Transfer-Encoding: chunked\n\n7FFFFFFF\n" + Body + "\n0\n\n",
        // A negative size, none, one with a sign, with a prefix, not hexadecimal.
        "Transfer-Encoding: chunked\n\n-1\n" + Body + "\n0\n\n",
        "Transfer-Encoding: chunked\n\n\n" + Body + "\n0\n\n",
        "Transfer-Encoding: chunked\n\n+1e\n" + Body + "\n0\n\n",
        "Transfer-Encoding: chunked\n\n0x1e\n" + Body + "\n0\n\n",
        "Transfer-Encoding: chunked\n\n1g\n" + Body + "\n0\n\n",
        // A chunk longer, and one shorter, than its size.
        "Transfer-Encoding: chunked\n\n2\n" + Body + "\n0\n\n",
        "Transfer-Encoding: chunked\n\n1f\n" + Body + "\n0\n\n",
        // No length, a negative one, no number, one that no long holds, two that differ.
        "Content-Length: -1\n\n" + Body,
        "Content-Length: abc\n\n" + Body,
        "Content-Length: 99999999999999999999\n\n" + Body,
        "Content-Length: 30\nContent-Length: 31\n\n" + Body,
        // A transfer coding that isn't known, alone and before chunked.
        "Transfer-Encoding: gzip\n\n" + Body,
        "Transfer-Encoding: chunked, gzip\n\n" + Body,
        // Fewer bytes than announced.
        "Content-Length: 31\n\n" + Body,
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task R2_A_post_that_is_not_framed_as_HTTP_asks_hears_no_success_and_leaves_nothing(string rest)
    {
        await using var api = await AlertApi.StartAsync();

        var answer = await TalkAsync(api.Client.BaseAddress!, "POST /api/v2/alerts HTTP/1.1\nHost: localhost\nContent-Type: application/json\n" + rest);

        AssertNoSuccess(answer);
        Assert.Empty(await api.PostsAsync());
        for (var look = 0; api.Room.BytesInHand > 0; look++)
        {
            Assert.True(look < 1000, "It never gave back its room.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task R2_A_post_with_a_length_and_chunks_is_read_by_its_chunks_and_ends_the_connection()
    {
        await using var api = await AlertApi.StartAsync();

        // What comes behind the last chunk must not be taken for another request.
        var answer = await TalkAsync(
            api.Client.BaseAddress!,
            "POST /api/v2/alerts HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 5\nTransfer-Encoding: chunked\n\n" +
            "1e\n" + Body + "\n0\n\nPOST /api/v2/alerts HTTP/1.1\nHost: localhost\nContent-Length: 2\n\n[]");

        Assert.True(answer.Split("HTTP/1.1 ").Length <= 2, answer);
        Assert.True((await api.PostsAsync()).Count <= 1);
    }

    [Fact]
    public async Task R2_A_command_with_a_chunk_of_an_impossible_size_hears_no_success_and_changes_nothing()
    {
        await using var api = await IncidentApi.StartAsync();
        await api.Desk.OpenAsync(Severity.Sev2);

        var answer = await TalkAsync(
            api.Client.BaseAddress!,
            "POST /api/incidents/INC-1/acknowledge HTTP/1.1\nHost: localhost\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n80000000\n{}\n0\n\n");

        AssertNoSuccess(answer);
        Assert.Null((await api.Desk.Store.GetAsync("INC-1", TestContext.Current.CancellationToken))!.AcknowledgedAt);
    }

    [Fact]
    public async Task R2_A_handler_that_ends_without_an_answer_breaks_the_connection_instead_of_answering_200()
    {
        using var log = new LogRecorder();
        await using var app = await LoopbackKestrel.StartAsync(
            new AccessConfiguration(), [new ApiEndpoint(Routes.PostAlertsV2, _ => Task.CompletedTask)], log);

        Assert.Equal("", await TalkAsync(new Uri(app.Urls.Single()), "POST /api/v2/alerts HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n"));
    }

    [Fact]
    public async Task R2_A_status_without_a_body_is_an_answer()
    {
        using var log = new LogRecorder();
        await using var app = await LoopbackKestrel.StartAsync(
            new AccessConfiguration(),
            [
                new ApiEndpoint(Routes.PostAlertsV2, context =>
                {
                    context.Response.StatusCode = StatusCodes.Status202Accepted;
                    return Task.CompletedTask;
                }),
            ],
            log);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var answer = await client.PostAsync(new Uri("api/v2/alerts", UriKind.Relative), null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    private static void AssertNoSuccess(string answer) =>
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);

    /// <summary>Sends these bytes, ends its side, and returns all that comes back.</summary>
    private static async Task<string> TalkAsync(Uri address, string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request.ReplaceLineEndings("\r\n")));
        socket.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        try
        {
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // The connection was broken.
            return "";
        }
    }
}
