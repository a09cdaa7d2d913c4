using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipeline.Runtime;

namespace Pipeline.Hosting;

/// <summary>
/// While the store is away everything that uses it fails, many times a second: each such fault is logged once a minute, by whoever meets it
/// first, without a stack trace, and says how many lines it stands for. It works on the logger of every part, because a part that is left out
/// would fill the very disk that is full.
/// </summary>
internal sealed class PacedStoreFaults(ILoggerFactory inner, TimeProvider time) : ILoggerFactory
{
    /// <summary>Kinds of fault that are told apart in a minute; all others share one line.</summary>
    private const int MaxKinds = 64;

    private readonly LogLimiter paces = new(time, LinePace.Every, MaxKinds);

    public static IServiceCollection AddTo(IServiceCollection services)
    {
        services.AddLogging();
        return services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(provider => new PacedStoreFaults(
            new LoggerFactory(
                provider.GetServices<ILoggerProvider>(),
                provider.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>(),
                provider.GetService<IOptions<LoggerFactoryOptions>>(),
                provider.GetService<IExternalScopeProvider>()),
            provider.GetRequiredService<TimeProvider>())));
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public ILogger CreateLogger(string categoryName) => new PacedLogger(inner.CreateLogger(categoryName), this);

    public void Dispose() => inner.Dispose();

    private static StoreUnavailableException? StoreFaultOf(Exception? exception) => exception switch
    {
        null => null,
        StoreUnavailableException fault => fault,
        _ => StoreFaultOf(exception.InnerException),
    };

    /// <summary>
    /// Returns the message without what varies from one fault to the next of its kind: words with a digit, as numbers and ids, and quoted names.
    /// </summary>
    private static string KindOf(string message)
    {
        var unquoted = string.Concat(message.Split('\'').Where((_, index) => index % 2 == 0));
        return string.Join(' ', unquoted.Split(' ').Where(word => !word.Any(char.IsDigit)));
    }

    private sealed class PacedLogger(ILogger inner, PacedStoreFaults faults) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (StoreFaultOf(exception) is not { } fault)
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
            else if (faults.paces.Allows(KindOf(fault.Message), out var heldBack))
            {
                var more = heldBack == 0 ? "" : $" ({heldBack} more lines of this fault were left out since the last one.)";
                inner.Log(logLevel, eventId, state, null, (said, _) => $"{formatter(said, exception)} {fault.Message}{more}");
            }
        }
    }
}
