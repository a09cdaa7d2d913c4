using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Pipeline.Runtime;

namespace Pipeline.Standalone.Hosting;

/// <summary>
/// Writes a log entry as one line: <c>09:00:00 warn: Category[302] message exception</c>, the time in UTC. Messages carry text of alerts
/// and of far ends; what a terminal would obey in it is written as its code.
/// </summary>
internal sealed class LogLineFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "pipeline";

    private const string Reset = "\u001b[0m";

    // Decided once: the standard of no-color.org, and no colours in files and pipes.
    private static readonly bool HasColors =
        !System.Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message is null && logEntry.Exception is null)
        {
            return;
        }

        var (word, color) = Level(logEntry.LogLevel);
        textWriter.Write(TimeProvider.System.GetUtcNow().ToString("HH:mm:ss ", CultureInfo.InvariantCulture));
        textWriter.Write(HasColors && color.Length > 0 ? $"{color}{word}{Reset}" : word);
        textWriter.Write(string.Create(CultureInfo.InvariantCulture, $": {logEntry.Category}[{logEntry.EventId.Id}] "));
        textWriter.Write(PrintableText.Escape(message ?? string.Empty));
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(' ');
            textWriter.Write(PrintableText.Escape(exception.ToString()));
        }

        textWriter.Write(Environment.NewLine);
    }

    private static (string Word, string Color) Level(LogLevel level) => level switch
    {
        LogLevel.Trace => ("trce", string.Empty),
        LogLevel.Debug => ("dbug", string.Empty),
        LogLevel.Information => ("info", "\u001b[32m"),
        LogLevel.Warning => ("warn", "\u001b[33m"),
        LogLevel.Error => ("fail", "\u001b[31m"),
        _ => ("crit", "\u001b[31m"),
    };
}
