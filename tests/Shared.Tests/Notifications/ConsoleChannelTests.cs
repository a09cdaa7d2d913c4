using Pipeline.Notifications;
using Pipeline.Notifications.Console;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

public sealed class ConsoleChannelTests
{
    [Fact]
    public async Task A_page_is_a_headline_with_its_text_and_link_under_it()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var page = Samples.Page() with { Link = new Uri("http://localhost:7071/incidents/INC-7") };

        var outcome = await new ConsoleChannel(writer).SendAsync(page, TestContext.Current.CancellationToken);

        Assert.Equal(new DeliveryOutcome.Sent("written to the console"), outcome);
        Assert.Equal(
            """
            09:00:00Z  PAGE SEV-1  INC-7  → alice  Checkout is failing
                       94 of 100 requests fail since 08:55.
                       http://localhost:7071/incidents/INC-7

            """,
            writer.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>A title that begins with severity and incident says them; the person is called by name.</summary>
    [Fact]
    public void FirstUse_The_headline_says_nothing_twice()
    {
        var page = Samples.Page() with { Title = "SEV-1 INC-7: Checkout is failing", PersonName = "Alice Chen" };

        Assert.StartsWith("09:00:00Z  PAGE  → Alice Chen  SEV-1 INC-7: Checkout is failing", ConsoleChannel.Format(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_from_an_alert_can_not_move_the_readers_cursor()
    {
        using var writer = new StringWriter();
        var page = Samples.Page() with { Title = "\u001b[2Jgone\r", Text = "one\r\ntwo\u0007" };

        await new ConsoleChannel(writer).SendAsync(page, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(writer.ToString().ReplaceLineEndings(string.Empty), char.IsControl);
    }

    [Fact]
    public async Task A_long_text_is_cut_and_says_so()
    {
        using var writer = new StringWriter();

        await new ConsoleChannel(writer).SendAsync(
            Samples.Page() with { Text = string.Join('\n', Enumerable.Range(1, 20)) }, TestContext.Current.CancellationToken);

        Assert.Contains("… and 14 more lines", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_console_is_an_outcome()
    {
        using var writer = new ClosedPipe();

        Assert.IsType<DeliveryOutcome.Retryable>(await new ConsoleChannel(writer).SendAsync(Samples.Page(), TestContext.Current.CancellationToken));
    }

    private sealed class ClosedPipe : StringWriter
    {
        public override Task WriteAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default) =>
            Task.FromException(new IOException("Broken pipe"));
    }
}
