using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

public sealed class AlertReceiverTests : IDisposable
{
    private readonly LogRecorder log = new();
    private readonly InMemoryMessageQueue queue = new("alerts", new ManualTimeProvider());
    private readonly InMemoryPostLog posts;

    public AlertReceiverTests() => posts = new InMemoryPostLog(queue);

    public static TheoryData<string, int, int, PostFault?> Posted => new()
    {
        // All good.
        { $"[{Posts.Named("A")},{Posts.Named("B")}]", 2, 0, null },

        // Some good: those count.
        { $"[5,{Posts.Named("B")}]", 1, 1, null },

        // None good: the post as a whole is refused.
        { "[5,{}]", 0, 2, PostFault.NoAcceptableAlert },

        // None at all: nothing to refuse.
        { "[]", 0, 0, null },

        // Unreadable.
        { "[", 0, 0, PostFault.MalformedJson },
    };

    public void Dispose()
    {
        posts.Dispose();
        queue.Dispose();
    }

    [Theory]
    [MemberData(nameof(Posted))]
    public void Decides_by_what_is_acceptable(string body, int accepted, int rejected, PostFault? refused)
    {
        var check = AlertSources.Prometheus.Check(body);

        Assert.Equal((accepted, rejected), (check.Accepted, check.Rejected.Count));
        Assert.Equal(refused, AlertReceiver.Decide(check)?.Fault);
    }

    [Fact]
    public async Task An_accepted_post_is_appended_whole()
    {
        var body = Posts.Sample("alertmanager-firing");

        var result = await ReceiveAsync(AlertSources.Alertmanager, body);

        Assert.Equal((2, 0, null), (result.Accepted, result.Rejected.Count, result.Refused));
        var stored = Assert.Single(await posts.ReadUnsplitAsync(10, int.MaxValue, TestContext.Current.CancellationToken)).Post;
        Assert.Equal(("alertmanager", Posts.ReceivedAt, "prometheus-eu", null), (stored.Source, stored.ReceivedAt, stored.Caller, stored.RejectedBecause));
        Assert.Equal(body, stored.Body);
        Assert.Empty(log.Entries);
    }

    [Fact]
    public async Task A_post_with_some_faulty_alerts_is_appended_whole_and_logged()
    {
        var result = await ReceiveAsync(AlertSources.Prometheus, Posts.Utf8($"[5,{Posts.Named("B")}]"));

        Assert.Equal((1, 0), (result.Accepted, Assert.Single(result.Rejected).Index));
        Assert.Single(await posts.ReadUnsplitAsync(10, int.MaxValue, TestContext.Current.CancellationToken));
        Assert.Equal((112, LogLevel.Warning), Assert.Single(log.Entries).Kind);
    }

    [Fact]
    public async Task A_refused_post_is_kept_and_never_split()
    {
        var result = await ReceiveAsync(AlertSources.Prometheus, Posts.Utf8("[{},{}]"));

        Assert.Equal("None of the 2 alerts can be accepted. Alert 0: The alert has no label with a value; its labels are its identity.", result.Refused?.Detail);
        Assert.Equal(2, result.Rejected.Count);
        Assert.Empty(await posts.ReadUnsplitAsync(10, int.MaxValue, TestContext.Current.CancellationToken));
        var kept = Assert.Single(await posts.ListAsync(10, cancellationToken: TestContext.Current.CancellationToken)).Post;
        Assert.Equal(result.Refused?.Detail, kept.RejectedBecause);
        Assert.Equal((111, LogLevel.Warning), Assert.Single(log.Entries).Kind);
    }

    [Fact]
    public async Task Alerts_left_out_by_the_sender_are_warned_of()
    {
        await ReceiveAsync(AlertSources.Alertmanager, Posts.Sample("alertmanager-truncated"));

        var entry = Assert.Single(log.Entries);
        Assert.Equal((110, LogLevel.Warning), entry.Kind);
        Assert.Contains("lacks 1 alerts", entry.Text, StringComparison.Ordinal);
    }

    private ValueTask<ReceiveResult> ReceiveAsync(AlertSource source, byte[] body) =>
        new AlertReceiver(posts, log.For<AlertReceiver>()).ReceiveAsync(source, body, "prometheus-eu", Posts.ReceivedAt, TestContext.Current.CancellationToken);
}
