using System.Net;
using System.Text.Json;
using Pipeline.Alerts;
using Pipeline.Api;
using Pipeline.Shared.Tests.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class AlertEndpointsTests : IAsyncLifetime
{
    private const string Webhook = "/api/alerts/alertmanager";
    private const string V2 = "/api/v2/alerts";
    private const string Head = $"POST {V2} HTTP/1.1\nHost: localhost\nContent-Type: application/json\n";
    private AlertApi api = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> OtherTypes => new()
    {
        // What curl -d sends unless told.
        "application/x-www-form-urlencoded",

        // JSON by another name, another charset, and no type at all.
        "text/json",
        "application/json; charset=utf-16",
        "application/problem+json",
        "nonsense",
    };

    public static TheoryData<string, string, string> Refused => new()
    {
        // Nothing.
        { V2, "", "Empty body" },

        // Not JSON; cut off; something after it.
        { V2, "hello", "Malformed JSON" },
        { V2, "[{\"labels\":{\"alertname\":\"A\"}", "Malformed JSON" },
        { Webhook, "{\"alerts\":[]}}", "Malformed JSON" },

        // The other route's format; no alerts.
        { V2, "{\"alerts\":[]}", "Not a post of this kind" },
        { Webhook, "[]", "Not a post of this kind" },
        { Webhook, "{}", "Not a post of this kind" },

        // Nested 10,000 deep.
        { V2, new string('[', 10_000), "Nested too deeply" },

        // No identity.
        { V2, "[{\"labels\":[\"a\"]}]", "No acceptable alert" },
        { Webhook, "{\"alerts\":[{\"status\":\"firing\",\"labels\":{}}]}", "No acceptable alert" },
    };

    public async ValueTask InitializeAsync() => api = await AlertApi.StartAsync();

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Theory]
    [InlineData("alertmanager-firing", Webhook, HttpStatusCode.Accepted, 2)]
    [InlineData("alertmanager-resolved", Webhook, HttpStatusCode.Accepted, 1)]
    [InlineData("prometheus-firing", V2, HttpStatusCode.OK, 2)]
    [InlineData("amtool-add", V2, HttpStatusCode.OK, 1)]
    public async Task Takes_what_real_senders_post(string sample, string path, HttpStatusCode status, int accepted)
    {
        using var answer = await PostAsync(path, Posts.Sample(sample));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal($$"""{"accepted":{{accepted}},"rejected":[]}""", await answer.Content.ReadAsStringAsync(Cancellation));
        var post = Assert.Single(await api.PostsAsync());
        Assert.Equal(("local", Posts.ReceivedAt), (post.Caller, post.ReceivedAt));
        Assert.Equal(Posts.Sample(sample), post.Body);
    }

    [Fact]
    public async Task No_alerts_are_none_accepted()
    {
        using var answer = await PostAsync(V2, "[]"u8.ToArray());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"accepted":0,"rejected":[]}""", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Good_alerts_are_taken_beside_bad_ones_which_are_named()
    {
        using var answer = await PostAsync(V2, Posts.Utf8($"[{Posts.Named("A")},{{\"labels\":[\"a\"]}},{Posts.Named("B")}]"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(2, json.RootElement.GetProperty("accepted").GetInt32());
        var rejected = Assert.Single(json.RootElement.GetProperty("rejected").EnumerateArray());
        Assert.Equal(1, rejected.GetProperty("index").GetInt32());
        Assert.Equal("\"labels\" must be an object, found an array.", rejected.GetProperty("reason").GetString());
        Assert.Null(Assert.Single(await api.PostsAsync()).RejectedBecause);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_can_not_be_read_is_400_says_why_and_is_kept(string path, string body, string title)
    {
        using var answer = await PostAsync(path, Posts.Utf8(body));

        var detail = await AssertProblemAsync(answer, 400, title);
        var kept = Assert.Single(await api.PostsAsync());
        Assert.Equal(detail, kept.RejectedBecause);
        Assert.Equal(Posts.Utf8(body), kept.Body);
    }

    [Fact]
    public async Task One_alert_more_than_50000_is_400_and_64_KiB_are_kept()
    {
        var body = Posts.Utf8("[" + string.Join(',', Enumerable.Repeat(Posts.Named("A"), 50_001)) + "]");

        using var answer = await PostAsync(V2, body);

        await AssertProblemAsync(answer, 400, "Too many alerts");
        Assert.Equal(body[..(64 * 1024)], Assert.Single(await api.PostsAsync()).Body);
    }

    [Fact]
    public async Task Each_rejected_alert_of_a_refused_post_is_named()
    {
        using var answer = await PostAsync(V2, "[5,{}]"u8.ToArray());

        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(
            ["0: An alert must be an object, found a number.", "1: The alert has no label with a value; its labels are its identity."],
            problem.RootElement.GetProperty("rejected").EnumerateArray().Select(alert => $"{alert.GetProperty("index")}: {alert.GetProperty("reason")}"));
    }

    [Theory]

    // As Alertmanager and Prometheus send it.
    [InlineData("application/json")]

    // With its charset, in other spellings too.
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON;charset=\"UTF-8\"")]
    [InlineData("application/json; charset=\"\"")]
    [InlineData("application/json;")]

    // Not at all, as some senders do.
    [InlineData(null)]
    public async Task Takes_JSON_in_UTF8(string? type)
    {
        using var answer = await PostAsync(V2, Posts.Sample("amtool-add"), type);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]

    // By the name that many senders use, in any spelling; and by a part of it.
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json;charset=\"UTF8\"")]
    [InlineData("application/json; charset=us-ascii")]
    public async Task O4_Takes_UTF8_by_its_other_names(string type)
    {
        using var answer = await PostAsync(V2, Posts.Sample("amtool-add"), type);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task O4_A_post_of_HTTP_1_0_without_a_host_is_taken()
    {
        var status = await api.SendRawAsync($"POST {V2} HTTP/1.0\nContent-Type: application/json\nContent-Length: 22\n\n[{{\"labels\":{{\"a\":\"b\"}}}}]");

        Assert.Equal("HTTP/1.1 200 OK", status);
        Assert.Single(await api.PostsAsync());
    }

    [Theory]
    [MemberData(nameof(OtherTypes))]
    public async Task Another_content_type_is_415(string type)
    {
        using var answer = await PostAsync(V2, Posts.Sample("amtool-add"), type);

        Assert.Contains($"'{type}'", await AssertProblemAsync(answer, 415, "Unsupported media type"), StringComparison.Ordinal);
        Assert.Empty(await api.PostsAsync());
    }

    [Fact]
    public async Task A_compressed_body_is_415()
    {
        using var content = Content(Posts.Sample("amtool-add"), "application/json");
        content.Headers.ContentEncoding.Add("gzip");

        using var answer = await api.Client.PostAsync(V2, content, Cancellation);

        Assert.Contains("'gzip'", await AssertProblemAsync(answer, 415, "Unsupported media type"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_32_MB_is_taken()
    {
        var body = new byte[AlertLimits.MaxBodyBytes];
        body.AsSpan().Fill((byte)' ');
        "[]"u8.CopyTo(body);

        using var answer = await PostAsync(V2, body);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(body.Length, Assert.Single(await api.PostsAsync()).Body.Length);
    }

    [Fact]
    public async Task An_announced_body_of_33_MB_is_413_before_it_is_sent()
    {
        Assert.StartsWith("HTTP/1.1 413 ", await api.SendRawAsync($"{Head}Content-Length: {33 * 1024 * 1024}\n\n"), StringComparison.Ordinal);
        await AssertOnlyTheNextPostIsKeptAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_sends_33_MB_hears_that_it_is_too_much(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, V2) { Content = Content(new byte[33 * 1024 * 1024], "application/json") };
        request.Headers.TransferEncodingChunked = chunked;

        using var answer = await api.Client.SendAsync(request, Cancellation);

        Assert.Equal(
            "The body has more than 33554432 bytes; send the alerts in several posts.",
            await AssertProblemAsync(answer, 413, "Body too large"));
        Assert.Empty(await api.PostsAsync());
    }

    [Fact]
    public async Task A_chunked_body_is_put_together()
    {
        var status = await api.SendRawAsync(
            $"{Head}Transfer-Encoding: chunked\n\n", "13\r\n[{\"labels\":{\"a\":\"b\"\r\n"u8.ToArray(), "3\r\n}}]\r\n0\r\n\r\n"u8.ToArray());

        Assert.Equal("HTTP/1.1 200 OK", status);
        Assert.Equal("""[{"labels":{"a":"b"}}]"""u8.ToArray(), Assert.Single(await api.PostsAsync()).Body);
    }

    [Fact]
    public async Task A_body_that_is_not_framed_as_HTTP_asks_is_400()
    {
        Assert.Equal("HTTP/1.1 400 Bad Request", await api.SendRawAsync($"{Head}Transfer-Encoding: chunked\n\nxyz\n[]\n0\n\n"));
        await AssertOnlyTheNextPostIsKeptAsync();
    }

    [Theory]

    // Fewer bytes than announced; a chunk that ends early; no last chunk; each ended in order, then broken off.
    [InlineData("Content-Length: 100\n\n[]", false)]
    [InlineData("Transfer-Encoding: chunked\n\n10\n[]", false)]
    [InlineData("Transfer-Encoding: chunked\n\n2\n[]\n", false)]
    [InlineData("Content-Length: 100\n\n[]", true)]
    [InlineData("Transfer-Encoding: chunked\n\n10\n[]", true)]
    [InlineData("Transfer-Encoding: chunked\n\n2\n[]\n", true)]
    public async Task A_sender_that_goes_away_midway_leaves_nothing(string rest, bool reset)
    {
        await api.SendAndLeaveAsync(Head + rest, reset);

        await AssertOnlyTheNextPostIsKeptAsync();
    }

    [Fact]
    public async Task A_store_that_fails_is_503_with_Retry_After()
    {
        await using var failing = await AlertApi.StartAsync(new Pipeline.Runtime.StoreUnavailableException("The disk is full."));
        using var content = Content(Posts.Sample("amtool-add"), "application/json");

        using var answer = await failing.Client.PostAsync(V2, content, Cancellation);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), (answer.StatusCode, answer.Headers.RetryAfter?.Delta));
        Assert.Equal(Problem.ContentType, answer.Content.Headers.ContentType?.MediaType);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? type = "application/json")
    {
        using var content = Content(body, type);
        return await api.Client.PostAsync(path, content, Cancellation);
    }

    private static ByteArrayContent Content(byte[] body, string? type)
    {
        var content = new ByteArrayContent(body);
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return content;
    }

    /// <summary>Returns the problem's detail.</summary>
    private async Task<string> AssertProblemAsync(HttpResponseMessage answer, int status, string title)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(Problem.ContentType, answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((status, title), (problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("title").GetString()));
        AssertNoErrorLogged();
        return problem.RootElement.GetProperty("detail").GetString()!;
    }

    private async Task AssertOnlyTheNextPostIsKeptAsync()
    {
        using var next = await PostAsync(V2, Posts.Sample("amtool-add"));

        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Equal(Posts.Sample("amtool-add"), Assert.Single(await api.PostsAsync()).Body);
        AssertNoErrorLogged();
    }

    private void AssertNoErrorLogged() =>
        Assert.DoesNotContain(api.Log.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
}
