using Pipeline.Hosting;
using Pipeline.Notifications;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

public sealed class ChannelRegistryTests
{
    private static readonly Uri Url = new("https://hooks.example.com/T1");

    [Fact]
    public void The_console_is_there_without_being_asked_for()
    {
        using var channels = Create();

        Assert.Equal("console", Assert.Single(channels.Channels).Name);
    }

    [Fact]
    public void A_channel_has_its_own_time_limit_or_ten_seconds()
    {
        using var channels = Create(
            new ChannelConfiguration("quick", ChannelKind.Webhook, Url, Timeout: TimeSpan.FromSeconds(2)),
            new ChannelConfiguration("usual", ChannelKind.Webhook, Url));

        Assert.Equal(
            [("quick", TimeSpan.FromSeconds(2)), ("usual", TimeSpan.FromSeconds(10)), ("console", TimeSpan.FromSeconds(10))],
            channels.Channels.Select(channel => (channel.Name, channel.Timeout)));
    }

    [Theory]
    // Nowhere to post to.
    [InlineData(null)]
    // Not a web address.
    [InlineData("ftp://hooks.example.com/")]
    public void A_webhook_needs_a_web_address(string? url)
    {
        var problem = Assert.Throws<InvalidOperationException>(
            () => Create(new ChannelConfiguration("hook", ChannelKind.Webhook, url is null ? null : new Uri(url))));

        Assert.Contains("'hook'", problem.Message, StringComparison.Ordinal);
        Assert.Contains("https://", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dash4_A_kind_of_channel_that_nobody_builds_is_refused_and_never_the_console()
    {
        var problem = Assert.Throws<InvalidOperationException>(() => Create(new ChannelConfiguration("oncall", (ChannelKind)7)));

        Assert.Contains("'oncall'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dash4_Every_kind_that_a_configuration_can_name_is_built()
    {
        foreach (var kind in Enum.GetValues<ChannelKind>())
        {
            using var channels = Create(new ChannelConfiguration("oncall", kind, Url));

            Assert.Contains(channels.Channels, channel => channel.Name == "oncall");
        }
    }

    [Fact]
    public void A_secret_that_is_not_there_stops_the_start_and_is_not_repeated()
    {
        var problem = Assert.Throws<InvalidOperationException>(
            () => Create(new ChannelConfiguration("hook", ChannelKind.Webhook, Url, Secret: "pasted-by-mistake")));

        Assert.Contains("'hook'", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pasted-by-mistake", problem.Message, StringComparison.Ordinal);
    }

    private static ChannelRegistry Create(params ChannelConfiguration[] channels) =>
        ChannelRegistry.Create(
            channels.ToDictionary(channel => channel.Name, StringComparer.Ordinal), _ => null, TextWriter.Null, new ManualTimeProvider());
}
