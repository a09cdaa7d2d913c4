using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Standalone.Hosting;
using Xunit;

namespace Pipeline.Standalone.Tests.Hosting;

public sealed class LogLineFormatterTests
{
    [Fact]
    public void An_entry_is_one_line_with_its_exception()
    {
        var line = Write(LogLevel.Warning, "The far end is away", new InvalidOperationException("one\ntwo"));

        Assert.Matches(@"^\d\d:\d\d:\d\d warn: Pipeline.Test\[302\] The far end is away System.InvalidOperationException: one two$", line);
    }

    [Fact]
    public void R12_Text_from_outside_can_not_move_hide_or_turn_around_what_the_log_shows()
    {
        var line = Write(LogLevel.Error, "a\u009b2Jb\u007fc\u202ed\u200be\u2028f\r\ng", new InvalidOperationException("\u2066x\u001b[0m"));

        Assert.EndsWith(@"] a\u009B2Jb\u007Fc\u202Ed\u200Be\u2028f  g System.InvalidOperationException: \u2066x\u001B[0m", line, StringComparison.Ordinal);
    }

    private static string Write(LogLevel level, string message, Exception? exception)
    {
        using var writer = new StringWriter();
        var entry = new LogEntry<string>(level, "Pipeline.Test", new EventId(302), message, exception, (text, _) => text);
        new LogLineFormatter().Write(entry, scopeProvider: null, writer);
        Assert.EndsWith(Environment.NewLine, writer.ToString(), StringComparison.Ordinal);
        return writer.ToString()[..^Environment.NewLine.Length];
    }
}
