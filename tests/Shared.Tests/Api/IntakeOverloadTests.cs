using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Shared.Tests.Alerts;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

/// <summary>More bodies than there is memory for, and bodies that take their time.</summary>
public sealed class IntakeOverloadTests : IAsyncLifetime
{
    private const string V2 = "/api/v2/alerts";
    private const string Head = $"POST {V2} HTTP/1.1\nHost: localhost\nContent-Type: application/json\n";
    private const int MiB = 1024 * 1024;

    private static readonly IntakeConfiguration Smallest = new() { MaxBytesInHand = 48 * MiB };

    private AlertApi api = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => api = await AlertApi.StartAsync(intake: Smallest);

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Dash2_Eight_drips_that_promise_32_MiB_take_no_room_and_are_sent_away_when_their_time_is_over()
    {
        var drips = new List<Socket>();
        for (var drip = 0; drip < 8; drip++)
        {
            drips.Add(await api.BeginAsync($"{Head}Content-Length: {32 * MiB}\n\n["));
        }

        await UntilAsync(() => api.Room.BytesInHand > 0);
        Assert.InRange(api.Room.BytesInHand, 1, 8 * 64);
        Assert.Equal(0, api.Room.Posts);
        using (var large = await PostAsync(32 * MiB))
        {
            Assert.Equal(HttpStatusCode.OK, large.StatusCode);
        }

        await UntilAsync(() =>
        {
            api.Clock.Advance(TimeSpan.FromSeconds(1));
            return api.Room.BytesInHand == 0;
        });
        foreach (var drip in drips)
        {
            var answer = await ReadAsync(drip);
            Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
            Assert.Contains("Retry-After: 5", answer, StringComparison.Ordinal);
            Assert.Contains("The body did not arrive within 30 s (intake.body_timeout).", answer, StringComparison.Ordinal);
            drip.Dispose();
        }

        Assert.Contains("its body came too slowly", Assert.Single(api.Log.Entries, entry => entry.Level >= LogLevel.Warning).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dash1_A_large_post_that_finds_no_room_hears_that_the_intake_is_overloaded_and_small_ones_are_taken(bool chunked)
    {
        Assert.True(api.Room.TryGrow(0, 30 * MiB));

        using var refused = await PostAsync(30 * MiB, chunked);
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        Assert.Equal("Overloaded", problem.RootElement.GetProperty("title").GetString());
        Assert.Contains("intake.max_bytes_in_hand", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(30 * MiB, api.Room.BytesInHand);
        using (var small = await PostAsync(1000, chunked))
        {
            Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        }

        api.Room.GiveBack(30 * MiB);
        using var taken = await PostAsync(30 * MiB, chunked);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        await UntilAsync(() => api.Room.BytesInHand == 0);
    }

    [Fact]
    public async Task Dash1_Where_even_small_posts_find_no_room_they_hear_503_and_the_log_has_one_line_a_minute()
    {
        for (var taken = 0; taken < Smallest.MaxBytesInHand / 65_536; taken++)
        {
            Assert.True(api.Room.TryGrow(0, 65_536));
        }

        for (var post = 0; post < 10; post++)
        {
            using var refused = await PostAsync(1000);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }

        Assert.Single(api.Log.Entries, entry => entry.Level >= LogLevel.Warning);
        Assert.Empty(await api.PostsAsync());
    }

    [Fact]
    public async Task Dash2_A_body_that_comes_in_pieces_within_its_time_is_taken()
    {
        using var socket = await api.BeginAsync($"{Head}Connection: close\nTransfer-Encoding: chunked\n\n");
        foreach (var piece in new[] { "13\r\n[{\"labels\":{\"a\":\"b\"\r\n", "3\r\n}}]\r\n", "0\r\n\r\n" })
        {
            api.Clock.Advance(TimeSpan.FromSeconds(9));
            await socket.SendAsync(Encoding.ASCII.GetBytes(piece));
        }

        Assert.StartsWith("HTTP/1.1 200 ", await ReadAsync(socket), StringComparison.Ordinal);
        Assert.Single(await api.PostsAsync());
    }

    private static async Task UntilAsync(Func<bool> isIt)
    {
        for (var look = 0; !isIt(); look++)
        {
            Assert.True(look < 1000, "It never was so.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>The answer, up to the end of its JSON: the server may break the connection of a sender who is still sending right behind it.</summary>
    private static async Task<string> ReadAsync(Socket socket)
    {
        var read = new StringBuilder();
        var buffer = new byte[4096];
        while (!read.ToString().EndsWith('}'))
        {
            var count = await socket.ReceiveAsync(buffer, Cancellation);
            Assert.True(count > 0, $"The connection ended after: {read}");
            read.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return read.ToString();
    }

    /// <summary>An empty list of alerts in as many bytes.</summary>
    private async Task<HttpResponseMessage> PostAsync(int bytes, bool chunked = false)
    {
        var body = new byte[bytes];
        body.AsSpan().Fill((byte)' ');
        "[]"u8.CopyTo(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, V2) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;
        return await api.Client.SendAsync(request, Cancellation);
    }
}
