using Pipeline.Hosting.Configuration;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

public sealed class ChannelKindTests
{
    [Theory]
    // A letter left out: what it was meant to be is said.
    [InlineData("webhok", "4:16: channels.hook.kind: 'webhok' is not one of console, webhook. Did you mean 'webhook'?")]
    // A kind of somebody else's program.
    [InlineData("slack", "4:16: channels.hook.kind: 'slack' is not one of console, webhook")]
    // A word that only looks like the console.
    [InlineData("stdout", "4:16: channels.hook.kind: 'stdout' is not one of console, webhook")]
    // The kind's number in the program.
    [InlineData("1", "4:16: channels.hook.kind: '1' is not one of console, webhook")]
    // No kind at all is no console either.
    [InlineData("", "4:10: channels.hook: 'kind' is missing. One of console, webhook.")]
    public void Dash4_An_unknown_kind_of_channel_is_an_error_with_its_line_and_never_the_console(string kind, string problem)
    {
        var result = ConfigurationReader.ReadText(
            $$"""
            people: {alice: {contacts: [{channel: hook}]} }
            escalation: {default: {levels: [{targets: [alice]}]} }
            channels:
              hook: {kind: {{kind}}, url: https://hooks.example.org }
            """,
            "pipeline.yaml",
            _ => null);

        Assert.Null(result.Configuration);
        Assert.StartsWith($"pipeline.yaml:{problem}", Assert.Single(result.Problems).ToString(), StringComparison.Ordinal);
    }
}
