using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Hosting;

internal enum StandaloneMode
{
    Program,

    /// <summary>Logs errors only.</summary>
    Demo,

    /// <summary>Logs errors only, and nothing moves but by <see cref="PipelineLoops.DrainAsync"/>: for tests that keep the clock.</summary>
    StepByStep,
}

/// <summary>The web host around the pipeline.</summary>
internal static class StandaloneHost
{
    /// <summary>Time for requests and turns in hand when the program is asked to end.</summary>
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(20);

    // Some seconds of a storm's lines, in about a megabyte.
    private const int MaxWaitingLogLines = 2500;

    /// <param name="console">Where the channel <c>console</c> writes.</param>
    public static WebApplication Build(
        PipelineConfiguration configuration, SqliteDatabase database, TimeProvider time, string urls, TextWriter console, StandaloneMode mode = StandaloneMode.Program)
    {
        var addresses = ListenAddresses.Decide(urls, isOpen: configuration.Access.Tokens.Count == 0);
        var reached = ListenAddresses.Reachable(addresses[0], Environment.MachineName);
        var isStarted = false;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost
            .UseKestrelCore()
            .ConfigureKestrel(ServerLimits.Apply)
            .UseUrls(addresses);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownPatience);
        builder.Services.AddSingleton<IHostLifetime, Microsoft.Extensions.Hosting.Internal.ConsoleLifetime>();
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Logging
            .AddConsoleFormatter<LogLineFormatter, ConsoleFormatterOptions>()
            .AddConsole(options =>
            {
                options.FormatterName = LogLineFormatter.FormatterName;

                // An output that nobody reads must not hold up who logs. Its lines are dropped; when it is read again, a line says how many.
                options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
                options.MaxQueueLength = MaxWaitingLogLines;
            })
            .SetMinimumLevel(mode == StandaloneMode.Program ? LogLevel.Information : LogLevel.Error)
            .AddFilter("Microsoft", LogLevel.Warning)

            // Why the start failed is said once, by the command; these two would say it first, with stack traces.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => Volatile.Read(ref isStarted) && level >= LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => Volatile.Read(ref isStarted) && level >= LogLevel.Warning);
        builder.Services.AddStandalone(configuration.ReachedBy(reached), database, time, console);
        if (mode != StandaloneMode.StepByStep)
        {
            builder.Services.AddHostedService(provider => provider.GetRequiredService<PipelineLoops>());
        }

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => Volatile.Write(ref isStarted, true));
        app.Use((context, next) =>
        {
            AnswerHeaders.Set(context.Response);
            return next(context);
        });
        app.UseRouting();
        app.Services.GetRequiredService<ApiEndpoints>().Map(app);
        return app;
    }
}
