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

        var outcome = await new ConsoleChannel(new ConsoleOutput(writer)).SendAsync(page, TestContext.Current.CancellationToken);

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

        await new ConsoleChannel(new ConsoleOutput(writer)).SendAsync(page, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(writer.ToString().ReplaceLineEndings(string.Empty), char.IsControl);
    }

    [Fact]
    public async Task A_long_text_is_cut_and_says_so()
    {
        using var writer = new StringWriter();

        await new ConsoleChannel(new ConsoleOutput(writer)).SendAsync(
            Samples.Page() with { Text = string.Join('\n', Enumerable.Range(1, 20)) }, TestContext.Current.CancellationToken);

        Assert.Contains("… and 14 more lines", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R12_A_text_from_an_alert_can_not_hide_or_turn_around_what_is_shown()
    {
        using var writer = new StringWriter();
        var page = Samples.Page() with { Title = "ad\u200bmin \u202egnp", Text = "\u009b2J\u007f \u2028x" };

        await new ConsoleChannel(new ConsoleOutput(writer)).SendAsync(page, TestContext.Current.CancellationToken);

        Assert.Contains(@"ad\u200Bmin \u202Egnp", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains(@"\u009B2J\u007F \u2028x", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R18_A_closed_console_is_a_failed_attempt()
    {
        using var writer = new ClosedPipe();

        Assert.Equal(
            new DeliveryOutcome.Retryable("the console can't be written: Broken pipe"),
            await new ConsoleChannel(new ConsoleOutput(writer)).SendAsync(Samples.Page(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task R5_A_console_that_nobody_reads_holds_no_attempt_beyond_its_time_and_no_thread_of_the_pool()
    {
        using var writer = new StuckPipe();
        var channel = new ConsoleChannel(new ConsoleOutput(writer));
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();

        // More than the pool has threads: each would hold one.
        var stuck = Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(_ => channel.SendAsync(Samples.Page(1), first.Token)).ToList();
        var next = channel.SendAsync(Samples.Page(2), second.Token);
        await writer.Begun.Task;
        await Task.Run(() => { }, TestContext.Current.CancellationToken);
        await first.CancelAsync();
        foreach (var attempt in stuck)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attempt);
        }

        writer.Read.Set();

        // The one that was begun is out; those given up before are not written, and the next is.
        Assert.IsType<DeliveryOutcome.Sent>(await next);
        Assert.Equal(1, Occurrences(writer.ToString(), "INC-1 "));
        Assert.Equal(1, Occurrences(writer.ToString(), "INC-2 "));
    }

    private static int Occurrences(string text, string part) => text.Split(part).Length - 1;

    private sealed class ClosedPipe : StringWriter
    {
        public override void Write(string? value) => throw new IOException("Broken pipe");
    }

    private sealed class StuckPipe : StringWriter
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Read { get; } = new();

        public override void Write(string? value)
        {
            Begun.TrySetResult();
            Read.Wait();
            base.Write(value);
        }

        protected override void Dispose(bool disposing)
        {
            Read.Dispose();
            base.Dispose(disposing);
        }
    }

    [Fact]
    public void FirstUse_Every_purpose_has_a_label_of_its_own()
    {
        var labels = Enum.GetValues<NotificationPurpose>().Select(ConsoleChannel.Label).ToList();

        Assert.Equal(labels.Count, labels.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("alerts joined", ConsoleChannel.Label(NotificationPurpose.AlertsJoined));
    }
}
