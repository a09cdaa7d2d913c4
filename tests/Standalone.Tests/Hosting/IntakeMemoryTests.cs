using System.Globalization;
using System.Net;
using System.Text;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Xunit;

namespace Pipeline.Standalone.Tests.Hosting;

/// <summary>The program itself, flooded: its memory as the system counts it.</summary>
public sealed class IntakeMemoryTests
{
    private const int Senders = 64;
    private const int PostBytes = 30_000_000;
    private const long MostResident = 400_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // Hardly any alert in it; as many as there can be of the largest size.
    [InlineData(1_000)]
    [InlineData(230_000)]
    public async Task R4_64_chunked_posts_of_30_MB_take_less_than_400_MB_and_small_posts_are_answered_meanwhile(int alertBytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak of resident memory is read from /proc.");
        using var folder = new TemporaryFolder();
        var configuration = Path.Combine(folder.Path, "pipeline.yaml");

        // How long a body may take is tested elsewhere; a loaded machine must not decide this test.
        await File.WriteAllTextAsync(configuration, "intake: { body_timeout: 10m }", Token);
        await using var pipeline = await PipelineProcess.StartAsync(new PipelineOptions(folder.Path, configuration), Token);
        using var client = new HttpClient { BaseAddress = pipeline.Url, Timeout = TimeSpan.FromMinutes(10) };
        var body = Body(alertBytes);

        var large = Enumerable.Range(0, Senders).Select(_ => TryPostAsync(client, body)).ToList();
        var small = new List<HttpStatusCode>();
        while (!large.All(post => post.IsCompleted))
        {
            small.Add(await PostAsync(client, Body(alertBytes: 500, bytes: 600), chunked: false));
        }

        var answers = await Task.WhenAll(large);
        var peak = PeakOf(pipeline.ProcessId);

        // All of them may have been refused, because each asks for what the others hold. One by itself finds room again.
        var alone = await PostAsync(client, body, chunked: true);

        Assert.All(answers, answer => Assert.True(answer is null or HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer}"));
        Assert.Equal(HttpStatusCode.OK, alone);
        Assert.NotEmpty(small);
        Assert.All(small, answer => Assert.Equal(HttpStatusCode.OK, answer));
        Assert.True(peak < MostResident, $"At its peak the program took {peak / 1_000_000} MB.\n{pipeline.Tail()}");
    }

    private static byte[] Body(int alertBytes, int bytes = PostBytes)
    {
        var text = new StringBuilder("[");
        var number = 0;
        do
        {
            var note = new string('x', alertBytes - 100);
            text.Append(CultureInfo.InvariantCulture, $"{(number == 0 ? "" : ",")}{{\"labels\":{{\"alertname\":\"A{number++}\",\"severity\":\"info\"}},\"annotations\":{{\"note\":\"{note}\"}}}}");
        }
        while (alertBytes > 100_000 && text.Length + alertBytes < bytes);
        return Encoding.UTF8.GetBytes(text.Append(']').ToString().PadRight(bytes));
    }

    /// <summary>Null where the sender was still sending when the server had waited 5 s for it to hear the refusal.</summary>
    private static async Task<HttpStatusCode?> TryPostAsync(HttpClient client, byte[] body)
    {
        try
        {
            return await PostAsync(client, body, chunked: true);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, byte[] body, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/v2/alerts", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;
        using var answer = await client.SendAsync(request, Token);
        return answer.StatusCode;
    }

    /// <summary>Bytes of resident memory at the peak: VmHWM of proc_pid_status(5).</summary>
    private static long PeakOf(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
